-- What `/v1/alerts?rung=` answers costs what is on the page, not all alerts that there ever were.

CREATE INDEX alert_at_rung ON projector.alert (generation, rung, position);
