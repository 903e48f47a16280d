"""The whole product on one machine: real Postgres, NATS and SMTP servers, and the services, supervised."""
