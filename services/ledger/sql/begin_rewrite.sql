-- Note that the keys' table is about to be rewritten; false while another process is at it.
SELECT keys.begin_rewrite();
