-- The waiting messages of an alert of which nothing can be said are held until something can.

ALTER TABLE notifier.delivery
    DROP CONSTRAINT known_state,
    ADD CONSTRAINT known_state CHECK (state IN ('PENDING', 'SENT', 'DEAD', 'OVERTAKEN', 'HELD'));

CREATE INDEX delivery_held ON notifier.delivery (case_id, alert_id) WHERE state = 'HELD';
