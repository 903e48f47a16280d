"""`caseledger evidence`: a case's documents with their proof, in one file that anybody can check."""
