"""`caseledger sar`: what is held about somebody, for their subject access request, to be approved."""
