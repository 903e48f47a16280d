-- Note that the rewrite of the keys' table that began on this connection was refused or cut short, and left nothing.
SELECT keys.end_rewrite();
