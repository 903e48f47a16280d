-- Have the statements of this transaction go by index, whatever is known of the tables: they may have grown a
-- thousandfold since a plan was made, and work is to grow with what is due, never with what is open.
SET LOCAL enable_seqscan = off;
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;
