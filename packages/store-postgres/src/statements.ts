/** The statements of a store, on the tables of its schema. */
export function statementsFor(schema: string) {
  return {
    /** ($1 name) */
    look: `
      SELECT id, installation, epoch, beat, led, silence_ms FROM ${schema}.namespace WHERE name = $1`,

    /** ($1 name, $2 installation): somebody else may have been quicker. */
    found: `
      INSERT INTO ${schema}.namespace (name, installation, epoch, last_batch, led, beat, silence_ms)
      VALUES ($1, $2, 0, 0, false, 0, 0) ON CONFLICT (name) DO NOTHING`,

    /**
     * ($1 id, $2 epoch, $3 beat, $4 ttl, $5 channel): in the epoch and at the beat that were seen, nobody has said a word since.
     * Whoever has letters for the leader is told.
     */
    lead: `
      WITH leader AS (
        UPDATE ${schema}.namespace
        SET epoch = epoch + 1, last_batch = 0, led = true, beat = beat + 1, silence_ms = $4
        WHERE id = $1 AND epoch = $2 AND beat = $3
        RETURNING epoch
      )
      SELECT epoch, pg_notify($5, 'led') FROM leader`,

    /** ($1 id, $2 epoch) */
    confirm: `
      UPDATE ${schema}.namespace SET beat = beat + 1 WHERE id = $1 AND epoch = $2 AND led RETURNING beat`,

    /** ($1 id, $2 epoch, $3 channel): who waits to lead is told. */
    leave: `
      WITH leader AS (
        UPDATE ${schema}.namespace SET led = false, beat = beat + 1 WHERE id = $1 AND epoch = $2 AND led RETURNING id
      )
      SELECT pg_notify($3, 'left') FROM leader`,

    /** ($1 id, $2 kind, $3 record, $4 how many): what comes after that record, in order. */
    load: `
      SELECT kind, id, record FROM ${schema}.record
      WHERE namespace = $1 AND (kind, id) > ($2::smallint, $3::bigint)
      ORDER BY kind, id LIMIT $4`,

    /** ($1 id): the batches that were not folded into the records, in their order. */
    journal: `
      SELECT changes FROM ${schema}.journal WHERE namespace = $1 ORDER BY epoch, number`,

    /**
     * ($1 id, $2 epoch, $3 number, $4 changes): a batch, and then the letters that are in the leader's box; `null`: it was not
     * written, for another epoch writes or the number is not the next one.
     */
    turn: `
      CALL ${schema}.turn($1, $2, $3, $4, NULL)`,

    /**
     * ($1 id, $2 epoch, $3 number, $4 and $5 kinds and ids to drop, $6 to $8 kinds, ids and records to put): a batch and all
     * that is in the journal goes to the records, and the journal is empty. All of it or nothing, as before.
     */
    fold: `
      WITH fence AS (
        UPDATE ${schema}.namespace SET last_batch = $3, beat = beat + 1
        WHERE id = $1 AND epoch = $2 AND last_batch = $3::bigint - 1 AND led
        RETURNING id
      ), emptied AS (
        DELETE FROM ${schema}.journal AS j USING fence WHERE j.namespace = fence.id
      ), dropped AS (
        DELETE FROM ${schema}.record AS r
        USING fence, unnest($4::smallint[], $5::bigint[]) AS gone (kind, id)
        WHERE r.namespace = fence.id AND r.kind = gone.kind AND r.id = gone.id
      ), put AS (
        INSERT INTO ${schema}.record (namespace, kind, id, record)
        SELECT fence.id, kept.kind, kept.id, kept.record
        FROM fence, unnest($6::smallint[], $7::bigint[], $8::text[]) AS kept (kind, id, record)
        ON CONFLICT (namespace, kind, id) DO UPDATE SET record = excluded.record
      )
      SELECT id FROM fence`,

    /** ($1 id, $2 box, $3 channel): what is in a box. If nothing is, the next letter is told there. */
    take: `
      SELECT out_session AS session, out_text AS text FROM ${schema}.take($1, $2, $3)`,

    /** ($1 id, $2 session, $3 text): a letter to whoever leads. */
    say: `
      SELECT ${schema}.say($1, $2, $3)`,

    /** ($1 id, $2 to $4 boxes, sessions and texts) */
    post: `
      SELECT ${schema}.post($1, $2, $3, $4)`,

    /** ($1 id, $2 box) */
    closeBox: `
      DELETE FROM ${schema}.box WHERE namespace = $1 AND box = $2`,

    /** ($1 id, $2 how old, in milliseconds): letters that nobody took, and boxes that nobody looked into. */
    clear: `
      WITH boxes AS (
        DELETE FROM ${schema}.box WHERE namespace = $1 AND looked_at < clock_timestamp() - $2 * interval '1 ms'
      )
      DELETE FROM ${schema}.letter WHERE namespace = $1 AND sent_at < clock_timestamp() - $2 * interval '1 ms'`,

    /** ($1 id) */
    last: `
      SELECT epoch, last_batch, led FROM ${schema}.namespace WHERE id = $1`,
  };
}

export type Statements = ReturnType<typeof statementsFor>;
export type StatementName = keyof Statements;
