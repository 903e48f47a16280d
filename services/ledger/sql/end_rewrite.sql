-- Note that the rewrite of the keys' table that began on this connection was refused, and left nothing.
SELECT keys.end_rewrite();
