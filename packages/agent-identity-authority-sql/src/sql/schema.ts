import type {
  AuditCheckpoint,
  StoredAgentRuntime,
  StoredAgentTask,
  StoredSigningKey,
} from 'agent-identity-authority-core';
import type { AuditRow } from 'agent-identity-authority-core/store';
import type { ColumnDataType } from 'drizzle-orm';
import {
  bigint,
  customType,
  type PgColumn,
  type PgSchema,
  type PgTableWithColumns,
  pgSchema,
  text,
} from 'drizzle-orm/pg-core';
import type { EncryptedPrivateKey } from '../encryption/signing-key-cipher.js';

/** A drizzle table whose rows are of this type: a member that can be null is a column that can be null. */
export type TableOf<Row> = PgTableWithColumns<{
  name: string;
  schema: string;
  dialect: 'pg';
  columns: { [Name in keyof Row]-?: ColumnOf<NonNullable<Row[Name]>, null extends Row[Name] ? false : true> };
}>;

type ColumnOf<Data, NotNull extends boolean> = PgColumn<{
  name: string;
  tableName: string;
  dataType: ColumnDataType;
  columnType: string;
  data: Data;
  driverParam: unknown;
  notNull: NotNull;
  hasDefault: false;
  isPrimaryKey: boolean;
  isAutoincrement: false;
  hasRuntimeDefault: false;
  enumValues: string[] | undefined;
  generated: undefined;
}>;

/** A signing key at rest, and its number in the order of their adding. */
export type SigningKeyRow = Omit<StoredSigningKey, 'privateKey'> &
  EncryptedPrivateKey & { readonly position: number };

/** Text that holds JSON: unlike `jsonb`, it keeps what clients sent to the letter, NUL and lone surrogates included. */
function jsonText<Value>(name: string) {
  return customType<{ data: Value; driverData: string }>({
    dataType: () => 'text',
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (value) => JSON.parse(value),
  })(name);
}

/** Epoch milliseconds, and other whole numbers within the range of a JavaScript number. */
const whole = (name: string) => bigint(name, { mode: 'number' });

/** All tables are in a schema of their own, so that they can share a database with others. */
const agentIdentity: PgSchema = pgSchema('agent_identity');

export const agentRuntimes: TableOf<StoredAgentRuntime> = agentIdentity.table('agent_runtimes', {
  agentRuntimeId: text('agent_runtime_id').notNull(),
  publicKeySsh: text('public_key_ssh').notNull(),
  accountId: text('account_id').notNull(),
  chatgptUserId: text('chatgpt_user_id').notNull(),
  abom: jsonText<NonNullable<StoredAgentRuntime['abom']>>('abom'),
  capabilities: jsonText<readonly string[]>('capabilities').notNull(),
  createdAt: whole('created_at').notNull(),
  expiresAt: whole('expires_at'),
  revokedAt: whole('revoked_at'),
});

export const agentTasks: TableOf<StoredAgentTask> = agentIdentity.table('agent_tasks', {
  agentRuntimeId: text('agent_runtime_id').notNull(),
  taskId: text('task_id').notNull(),
  registrationTimestamp: text('registration_timestamp').notNull(),
  registrationSignature: text('registration_signature').notNull(),
  createdAt: whole('created_at').notNull(),
  lastSeenAt: whole('last_seen_at').notNull(),
  revokedAt: whole('revoked_at'),
});

export const signingKeys: TableOf<SigningKeyRow> = agentIdentity.table('signing_keys', {
  kid: text('kid').notNull(),
  position: whole('position').notNull(),
  publicJwk: jsonText<SigningKeyRow['publicJwk']>('public_jwk').notNull(),
  masterKeyId: text('master_key_id').notNull(),
  encryptedPrivateKey: text('encrypted_private_key').notNull(),
  createdAt: whole('created_at').notNull(),
  activeFrom: whole('active_from').notNull(),
  publishedUntil: whole('published_until'),
});

export const auditLog: TableOf<AuditRow> = agentIdentity.table('audit_log', {
  sequence: whole('sequence').notNull(),
  at: whole('at').notNull(),
  actor: text('actor').notNull(),
  action: text('action').notNull(),
  agentRuntimeId: text('agent_runtime_id'),
  taskId: text('task_id'),
  detailsJson: text('details').notNull(),
  previousHash: text('previous_hash').notNull(),
  hash: text('hash').notNull(),
});

/** One row, which says where the audit log ends. Whoever writes a row of the log locks it first. */
export const auditHead: TableOf<AuditCheckpoint & { readonly id: number }> = agentIdentity.table(
  'audit_head',
  {
    id: whole('id').notNull(),
    sequence: whole('sequence').notNull(),
    hash: text('hash').notNull(),
  },
);
