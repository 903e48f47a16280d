-- Take the live generation's row until it is switched: no projector moves its checkpoint meanwhile.
SELECT number, position FROM projector.generation WHERE state = 'LIVE' FOR UPDATE;
