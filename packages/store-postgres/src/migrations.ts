/** A step from the version before it, and the way back. Once released, a step is never edited: a change is a new step. */
export interface Migration {
  /** The version after this step. Steps count from 1, without gaps. */
  readonly version: number;
  readonly name: string;
  /** Statements; `$schema` stands for the schema. */
  readonly up: string;
  readonly down: string;
}

/** How letters were taken up to version 2. */
const TAKE_1 = `
  -- What is in a box, which is empty then, and its owner is told of the next letter. Whoever sends takes the box's lock: he
  -- has either committed before it is looked into, or sees that somebody waits.
  CREATE OR REPLACE FUNCTION $schema.take(in_namespace integer, in_box text, in_channel text)
  RETURNS TABLE (out_session text, out_text text) LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO $schema.box AS b (namespace, box, channel, waits, looked_at)
      VALUES (in_namespace, in_box, in_channel, true, clock_timestamp())
      ON CONFLICT (namespace, box) DO UPDATE SET channel = in_channel, waits = true, looked_at = clock_timestamp();
    RETURN QUERY DELETE FROM $schema.letter AS l WHERE l.namespace = in_namespace AND l.box = in_box
      RETURNING l.session, l.text;
  END $$;
`;

/** How letters were posted up to version 1: also what the way back from later versions restores. */
const POST_1 = `
  -- Puts letters into boxes, and tells those who wait. Letters to a session without a box are dropped.
  CREATE OR REPLACE FUNCTION $schema.post(in_namespace integer, in_boxes text[], in_sessions text[], in_texts text[])
  RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    known record;
  BEGIN
    -- In one order: two senders never wait for each other.
    FOR known IN
      SELECT b.box, b.channel, b.waits FROM $schema.box AS b
      WHERE b.namespace = in_namespace AND b.box = ANY (in_boxes) ORDER BY b.box FOR UPDATE
    LOOP
      IF known.waits THEN
        UPDATE $schema.box AS b SET waits = false WHERE b.namespace = in_namespace AND b.box = known.box;
        PERFORM pg_notify(known.channel, 'letters');
      END IF;
    END LOOP;
    INSERT INTO $schema.letter (namespace, box, session, text)
      SELECT in_namespace, sent.box, sent.session, sent.text
      FROM unnest(in_boxes, in_sessions, in_texts) AS sent (box, session, text)
      WHERE sent.box = ''
        OR EXISTS (SELECT FROM $schema.box AS b WHERE b.namespace = in_namespace AND b.box = sent.box);
  END $$;
`;

export const migrations: readonly Migration[] = [
  {
    version: 1,
    name: "namespaces, records and letters",
    up: `
      CREATE TABLE $schema.namespace (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL UNIQUE,
        installation text NOT NULL,
        epoch bigint NOT NULL,          -- raised at each opening
        last_batch bigint NOT NULL,     -- the last batch committed in this epoch; 0: none
        led boolean NOT NULL,           -- false: the last leader gave it up
        beat bigint NOT NULL,           -- raised by each word of the leader
        leader_ttl_ms integer NOT NULL  -- how long without a word the present leader is one
      ) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

      CREATE TABLE $schema.record (
        namespace integer NOT NULL,
        kind smallint NOT NULL,         -- 1 resource, 2 ticket, 3 counters, 4 event
        id bigint NOT NULL,
        record text NOT NULL,           -- JSON, never looked into here
        PRIMARY KEY (namespace, kind, id)
      ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);

      -- Letters between sessions and leaders. A crash of the server empties these two: whoever sent repeats.
      CREATE UNLOGGED TABLE $schema.letter (
        namespace integer NOT NULL,
        box text NOT NULL,              -- to whom: a session, or '' for whoever leads
        id bigint GENERATED ALWAYS AS IDENTITY,
        session text NOT NULL,          -- from whom, or to whom
        text text NOT NULL,
        sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (namespace, box, id)
      ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

      CREATE UNLOGGED TABLE $schema.box (
        namespace integer NOT NULL,
        box text NOT NULL,
        channel text NOT NULL,          -- where its owner listens
        waits boolean NOT NULL,         -- he has read everything, and is told of the next letter
        looked_at timestamptz NOT NULL,
        PRIMARY KEY (namespace, box)
      ) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

      ${TAKE_1}

      ${POST_1}
    `,
    down: `
      DROP FUNCTION $schema.post;
      DROP FUNCTION $schema.take;
      DROP TABLE $schema.box;
      DROP TABLE $schema.letter;
      DROP TABLE $schema.record;
      DROP TABLE $schema.namespace;
    `,
  },
  {
    version: 2,
    name: "short letters to sessions are told, not kept",
    up: `
      -- A letter lives for a moment: compressing it, or putting it aside, costs more than it saves.
      ALTER TABLE $schema.letter ALTER COLUMN text SET STORAGE EXTERNAL;
      ALTER TABLE $schema.letter SET (toast_tuple_target = 8160);

      -- Whoever hears notifications (his box has a channel) is told a short letter itself: nobody has to fetch it. What is
      -- lost with a connection is sent again, as any letter. The others are put into boxes, and who waits there is told.
      CREATE OR REPLACE FUNCTION $schema.post(in_namespace integer, in_boxes text[], in_sessions text[], in_texts text[])
      RETURNS void LANGUAGE plpgsql AS $$
      DECLARE
        known record;
        kept integer[];
      BEGIN
        SELECT array_agg(sent.nth) FILTER (WHERE told.told IS NULL) INTO kept
        FROM unnest(in_boxes, in_texts) WITH ORDINALITY AS sent (box, text, nth)
        LEFT JOIN $schema.box AS b ON b.namespace = in_namespace AND b.box = sent.box
        LEFT JOIN LATERAL (
          SELECT pg_notify(b.channel, '=' || sent.text) IS NOT NULL AS told
          -- The most that a notification can carry is 7999 bytes.
          WHERE sent.box <> '' AND b.channel <> '' AND octet_length(sent.text) < 7900
        ) AS told ON true;
        IF kept IS NULL THEN
          RETURN;
        END IF;
        -- In one order: two senders never wait for each other.
        FOR known IN
          SELECT b.box, b.channel, b.waits FROM $schema.box AS b
          WHERE b.namespace = in_namespace AND b.box = ANY (SELECT in_boxes[nth] FROM unnest(kept) AS of (nth))
          ORDER BY b.box FOR UPDATE
        LOOP
          IF known.waits AND known.channel <> '' THEN
            UPDATE $schema.box AS b SET waits = false WHERE b.namespace = in_namespace AND b.box = known.box;
            PERFORM pg_notify(known.channel, 'letters');
          END IF;
        END LOOP;
        INSERT INTO $schema.letter (namespace, box, session, text)
          SELECT in_namespace, in_boxes[nth], in_sessions[nth], in_texts[nth]
          FROM unnest(kept) AS of (nth)
          WHERE in_boxes[nth] = ''
            OR EXISTS (SELECT FROM $schema.box AS b WHERE b.namespace = in_namespace AND b.box = in_boxes[nth]);
      END $$;
    `,
    down: `
      ALTER TABLE $schema.letter RESET (toast_tuple_target);
      ALTER TABLE $schema.letter ALTER COLUMN text SET STORAGE EXTENDED;
      ${POST_1}
    `,
  },
  {
    version: 3,
    name: "batches go to a journal, which is folded into the records now and then",
    up: `
      CREATE TABLE $schema.journal (
        namespace integer NOT NULL,
        epoch bigint NOT NULL,
        number bigint NOT NULL,         -- of the batch, within its epoch
        changes text NOT NULL,          -- kind, id and record of each change, if it is not dropped; U+001E between changes
        PRIMARY KEY (namespace, epoch, number)
      ) WITH (
        toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
        autovacuum_vacuum_cost_delay = 0, toast.autovacuum_vacuum_scale_factor = 0,
        toast.autovacuum_vacuum_threshold = 10000, toast.autovacuum_vacuum_cost_delay = 0
      );
      -- Compressing it costs more time than it saves.
      ALTER TABLE $schema.journal ALTER COLUMN changes SET STORAGE EXTERNAL;

      -- A leader of an earlier release goes on, and its batches go to the records, as long as the journal is empty. But no other
      -- may lead after it: it would not read the journal. Whoever wants to asks for this column.
      ALTER TABLE $schema.namespace RENAME COLUMN leader_ttl_ms TO silence_ms;

      -- What is in a box, which is empty then. Only who finds nothing waits to be told. For that he takes a lock that whoever
      -- sends has taken too: he has either committed before the second look, or sees that somebody waits. Of a session's box it
      -- is that of its row. Those who write to the leader share one: they are many, and must not wait for each other.
      CREATE OR REPLACE FUNCTION $schema.take(in_namespace integer, in_box text, in_channel text)
      RETURNS TABLE (out_session text, out_text text) LANGUAGE plpgsql AS $$
      BEGIN
        RETURN QUERY DELETE FROM $schema.letter AS l WHERE l.namespace = in_namespace AND l.box = in_box
          RETURNING l.session, l.text;
        IF FOUND THEN
          RETURN;
        END IF;
        IF in_box = '' THEN
          PERFORM pg_advisory_xact_lock(hashtext('$schema letters'), in_namespace);
        END IF;
        INSERT INTO $schema.box AS b (namespace, box, channel, waits, looked_at)
          VALUES (in_namespace, in_box, in_channel, true, clock_timestamp())
          ON CONFLICT (namespace, box) DO UPDATE SET channel = in_channel, waits = true, looked_at = clock_timestamp();
        RETURN QUERY DELETE FROM $schema.letter AS l WHERE l.namespace = in_namespace AND l.box = in_box
          RETURNING l.session, l.text;
      END $$;

      -- A batch, if the epoch still writes and the number is the next one; else nothing, and no letters: not even ''. It is a word
      -- of the leader as well. Then, when it is durable, what is in his box, as whoever takes would get it.
      CREATE PROCEDURE $schema.turn(
        in_namespace integer, in_epoch bigint, in_number bigint, in_changes text, INOUT letters text
      ) LANGUAGE plpgsql AS $$
      BEGIN
        UPDATE $schema.namespace AS n SET last_batch = in_number, beat = beat + 1
          WHERE n.id = in_namespace AND n.epoch = in_epoch AND n.last_batch = in_number - 1 AND n.led;
        IF NOT FOUND THEN
          RETURN;
        END IF;
        INSERT INTO $schema.journal (namespace, epoch, number, changes)
          VALUES (in_namespace, in_epoch, in_number, in_changes);
        COMMIT;
        WITH taken AS (
          DELETE FROM $schema.letter AS l WHERE l.namespace = in_namespace AND l.box = '' RETURNING l.session, l.text
        )
        SELECT coalesce(string_agg(taken.session || taken.text, chr(30)), '') INTO letters FROM taken;
      END $$;

      -- A letter to whoever leads: it is told to him if he waits and it is short, else put into his box. While one tells him,
      -- the others know that he will look.
      CREATE FUNCTION $schema.say(in_namespace integer, in_session text, in_text text)
      RETURNS void LANGUAGE plpgsql AS $$
      DECLARE
        told text;
      BEGIN
        PERFORM pg_advisory_xact_lock_shared(hashtext('$schema letters'), in_namespace);
        SELECT b.channel INTO told FROM $schema.box AS b
          WHERE b.namespace = in_namespace AND b.box = '' AND b.waits AND b.channel <> '' FOR UPDATE SKIP LOCKED;
        IF told IS NOT NULL THEN
          UPDATE $schema.box AS b SET waits = false WHERE b.namespace = in_namespace AND b.box = '';
          -- The most that a notification can carry is 7999 bytes.
          IF octet_length(in_text) < 7900 THEN
            PERFORM pg_notify(told, '+' || in_session || in_text);
            RETURN;
          END IF;
          PERFORM pg_notify(told, 'letters');
        END IF;
        INSERT INTO $schema.letter (namespace, box, session, text) VALUES (in_namespace, '', in_session, in_text);
      END $$;
    `,
    down: `
      ALTER TABLE $schema.namespace RENAME COLUMN silence_ms TO leader_ttl_ms;
      WITH change AS (
        SELECT j.namespace, split_part(one.text, ' ', 1)::smallint AS kind, split_part(one.text, ' ', 2)::bigint AS id,
          nullif(substr(one.text, length(split_part(one.text, ' ', 1) || split_part(one.text, ' ', 2)) + 3), '') AS record,
          j.epoch, j.number, one.nth
        FROM $schema.journal AS j, string_to_table(j.changes, chr(30)) WITH ORDINALITY AS one (text, nth)
      ), last AS (
        SELECT DISTINCT ON (namespace, kind, id) namespace, kind, id, record FROM change
        ORDER BY namespace, kind, id, epoch DESC, number DESC, nth DESC
      ), dropped AS (
        DELETE FROM $schema.record AS r USING last
        WHERE last.record IS NULL AND r.namespace = last.namespace AND r.kind = last.kind AND r.id = last.id
      )
      INSERT INTO $schema.record (namespace, kind, id, record)
        SELECT namespace, kind, id, record FROM last WHERE record IS NOT NULL
        ON CONFLICT (namespace, kind, id) DO UPDATE SET record = excluded.record;
      DROP TABLE $schema.journal;
      DROP FUNCTION $schema.say;
      DROP PROCEDURE $schema.turn;
      ${TAKE_1}
    `,
  },
];

/** The version that this release needs. */
export const SCHEMA_VERSION = migrations.length;
