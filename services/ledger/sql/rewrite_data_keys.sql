-- Write the keys' table anew, without what was destroyed; false if an older transaction keeps it there.
SELECT keys.rewrite();
