-- Give up every claim: whoever was sending is gone.
UPDATE notifier.delivery SET claimed_until = NULL WHERE claimed_until IS NOT NULL;
