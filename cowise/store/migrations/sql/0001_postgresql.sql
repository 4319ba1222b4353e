CREATE TABLE projects (
  id BIGSERIAL NOT NULL,
  name TEXT NOT NULL,
  task TEXT NOT NULL,
  promise TEXT NOT NULL,
  settings TEXT NOT NULL,
  key_ref TEXT NOT NULL,
  commitment TEXT NOT NULL,
  released TEXT DEFAULT '' NOT NULL,
  visible BIGINT DEFAULT '0' NOT NULL,
  created FLOAT NOT NULL,
  state TEXT DEFAULT 'live' NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (name)
)
;;
CREATE TABLE items (
  id BIGINT NOT NULL,
  project BIGINT NOT NULL,
  content TEXT NOT NULL,
  text TEXT NOT NULL,
  raw BYTEA,
  meta TEXT,
  weight INTEGER DEFAULT '1' NOT NULL,
  label TEXT,
  label_by TEXT,
  import_id BIGINT NOT NULL,
  salt BYTEA,
  erased SMALLINT DEFAULT '0' NOT NULL,
  PRIMARY KEY (id)
)
;;
CREATE UNIQUE INDEX items_content ON items (project, content)
;;
CREATE TABLE imports (
  id BIGSERIAL NOT NULL,
  project BIGINT NOT NULL,
  source TEXT NOT NULL,
  state TEXT NOT NULL,
  position TEXT NOT NULL,
  first BIGINT NOT NULL,
  rows BIGINT DEFAULT '0' NOT NULL,
  added BIGINT DEFAULT '0' NOT NULL,
  joined BIGINT DEFAULT '0' NOT NULL,
  conflicts BIGINT DEFAULT '0' NOT NULL,
  started FLOAT NOT NULL,
  finished FLOAT,
  owner TEXT,
  token TEXT,
  expires FLOAT,
  epoch INTEGER DEFAULT '0' NOT NULL,
  PRIMARY KEY (id)
)
;;
CREATE UNIQUE INDEX imports_open ON imports (project) WHERE finished IS NULL
;;
CREATE TABLE joins (
  id BIGSERIAL NOT NULL,
  import_id BIGINT NOT NULL,
  item BIGINT NOT NULL,
  n INTEGER NOT NULL,
  label TEXT,
  label_by TEXT,
  PRIMARY KEY (id)
)
;;
CREATE INDEX joins_import ON joins (import_id, id)
;;
CREATE TABLE conflicts (
  id BIGSERIAL NOT NULL,
  project BIGINT NOT NULL,
  item BIGINT NOT NULL,
  label TEXT NOT NULL,
  label_by TEXT NOT NULL,
  import_id BIGINT NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT conflicts_once UNIQUE (item, label, label_by)
)
;;
CREATE TABLE members (
  id BIGSERIAL NOT NULL,
  project BIGINT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  active SMALLINT DEFAULT '1' NOT NULL,
  settings TEXT NOT NULL,
  salt BYTEA,
  PRIMARY KEY (id),
  CONSTRAINT members_name UNIQUE (project, name)
)
;;
CREATE TABLE opinions (
  id BIGSERIAL NOT NULL,
  project BIGINT NOT NULL,
  item BIGINT NOT NULL,
  member BIGINT NOT NULL,
  answer TEXT,
  label TEXT,
  seconds FLOAT NOT NULL,
  cost FLOAT NOT NULL,
  blind SMALLINT NOT NULL,
  version TEXT NOT NULL,
  at FLOAT NOT NULL,
  state TEXT NOT NULL,
  superseded_by BIGINT,
  key TEXT,
  body TEXT NOT NULL,
  used_for TEXT NOT NULL,
  certificate TEXT DEFAULT '' NOT NULL,
  PRIMARY KEY (id)
)
;;
CREATE UNIQUE INDEX opinions_current ON opinions (item, member) WHERE state = 'current'
;;
CREATE INDEX opinions_item ON opinions (item)
;;
CREATE UNIQUE INDEX opinions_key ON opinions (project, key)
;;
CREATE INDEX opinions_member ON opinions (project, member, id)
;;
CREATE INDEX opinions_project ON opinions (project, id) WHERE state = 'current'
;;
CREATE TABLE machine (
  id BIGSERIAL NOT NULL,
  project BIGINT NOT NULL,
  member TEXT NOT NULL,
  version TEXT NOT NULL,
  n BIGINT NOT NULL,
  blob TEXT NOT NULL,
  at FLOAT NOT NULL,
  PRIMARY KEY (id)
)
;;
CREATE INDEX machine_version ON machine (project, member, version, id)
;;
CREATE TABLE decisions (
  item BIGINT NOT NULL,
  project BIGINT NOT NULL,
  answer TEXT,
  label TEXT,
  route TEXT NOT NULL,
  p FLOAT NOT NULL,
  reason TEXT NOT NULL,
  version TEXT NOT NULL,
  certificate TEXT NOT NULL,
  at FLOAT NOT NULL,
  PRIMARY KEY (item)
)
;;
CREATE INDEX decisions_label ON decisions (project, label, item)
;;
CREATE INDEX decisions_route ON decisions (project, route, item)
;;
CREATE TABLE certificates (
  seq BIGSERIAL NOT NULL,
  id TEXT NOT NULL,
  project BIGINT NOT NULL,
  version TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  at FLOAT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (seq),
  UNIQUE (id)
)
;;
CREATE INDEX certificates_project ON certificates (project, seq)
;;
CREATE TABLE versions (
  seq BIGSERIAL NOT NULL,
  project BIGINT NOT NULL,
  id TEXT NOT NULL,
  state TEXT NOT NULL,
  folder TEXT NOT NULL,
  metrics TEXT NOT NULL,
  at FLOAT NOT NULL,
  PRIMARY KEY (seq),
  CONSTRAINT versions_id UNIQUE (project, id)
)
;;
CREATE TABLE queue (
  id BIGSERIAL NOT NULL,
  project BIGINT NOT NULL,
  item BIGINT NOT NULL,
  seat INTEGER DEFAULT '0' NOT NULL,
  rank FLOAT NOT NULL,
  kind TEXT NOT NULL,
  blind SMALLINT NOT NULL,
  owner TEXT,
  token TEXT,
  expires FLOAT,
  epoch INTEGER DEFAULT '0' NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT queue_item UNIQUE (item, seat)
)
;;
CREATE INDEX queue_free ON queue (project, owner, rank)
;;
CREATE INDEX queue_token ON queue (token)
;;
CREATE TABLE passes (
  id BIGSERIAL NOT NULL,
  project BIGINT NOT NULL,
  item BIGINT NOT NULL,
  member BIGINT NOT NULL,
  kind TEXT NOT NULL,
  note TEXT NOT NULL,
  at FLOAT NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT passes_once UNIQUE (item, member, kind)
)
;;
CREATE INDEX passes_project ON passes (project, id)
;;
CREATE TABLE jobs (
  id BIGSERIAL NOT NULL,
  project BIGINT DEFAULT '0' NOT NULL,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL,
  rank FLOAT NOT NULL,
  created FLOAT NOT NULL,
  heartbeat FLOAT,
  checkpoint TEXT NOT NULL,
  progress FLOAT DEFAULT '0' NOT NULL,
  result TEXT NOT NULL,
  owner TEXT,
  token TEXT,
  expires FLOAT,
  epoch INTEGER DEFAULT '0' NOT NULL,
  PRIMARY KEY (id)
)
;;
CREATE INDEX jobs_free ON jobs (state, owner, rank)
;;
CREATE TABLE ledger (
  seq BIGINT NOT NULL,
  project BIGINT NOT NULL,
  kind TEXT NOT NULL,
  at FLOAT NOT NULL,
  record BYTEA NOT NULL,
  hash BYTEA NOT NULL,
  PRIMARY KEY (seq)
)
;;
CREATE INDEX ledger_project ON ledger (project, seq)
;;
CREATE TABLE ledger_head (
  id SMALLINT NOT NULL,
  size BIGINT NOT NULL,
  hash BYTEA NOT NULL,
  peaks BYTEA NOT NULL,
  PRIMARY KEY (id)
)
;;
CREATE TABLE checkpoints (
  size BIGINT NOT NULL,
  head BYTEA NOT NULL,
  root BYTEA NOT NULL,
  note TEXT NOT NULL,
  at FLOAT NOT NULL,
  PRIMARY KEY (size)
)
;;
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only';
END
$$
;;
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger FOR EACH ROW EXECUTE FUNCTION refuse_change()
;;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION refuse_change()
;;
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;;
CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_change()
;;
CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_change()
;;
CREATE TRIGGER checkpoints_no_truncate BEFORE TRUNCATE ON checkpoints FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
