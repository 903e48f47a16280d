#!/bin/sh
# Give the roles of roles.sql their passwords, from the environment. Run again, it changes the passwords.
set -eu

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" \
  --dbname "${POSTGRES_DB:-caseledger}" \
  --set owner="$OWNER_PASSWORD" --set ledger="$LEDGER_PASSWORD" \
  --set projector="$PROJECTOR_PASSWORD" --set notifier="$NOTIFIER_PASSWORD" <<'SQL'
ALTER ROLE caseledger_owner PASSWORD :'owner';
ALTER ROLE caseledger_ledger PASSWORD :'ledger';
ALTER ROLE caseledger_projector PASSWORD :'projector';
ALTER ROLE caseledger_notifier PASSWORD :'notifier';
SQL
