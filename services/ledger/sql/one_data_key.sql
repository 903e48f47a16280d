-- Any one data key: whether it can be unwrapped says whether the right key-encryption keys are at hand.
SELECT stream, kek_id, wrapped FROM keys.data_key WHERE destroyed_at IS NULL LIMIT 1;
