-- What Postgres lets everybody run, only who needs it may: no service runs a function of another.

REVOKE EXECUTE ON FUNCTION projector.refuse_going_back FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION projector.deadline_state FROM PUBLIC;
GRANT EXECUTE ON FUNCTION projector.deadline_state TO caseledger_projector, caseledger_reader;
