import type { ChangeOrigin, StoredAgentTask } from 'agent-identity-authority-core';
import { auditedChange } from 'agent-identity-authority-core/store';
import { toSealedRow } from './sql-audit-log.js';
import { transactionConflict } from './sql-database.js';
import type { SqlStoreParts } from './sql-store-parts.js';

/** A task to add, and who adds it. */
export interface TaskToAdd {
  readonly task: StoredAgentTask;
  readonly origin: ChangeOrigin | undefined;
}

/** The outcome for one task: the task of its registration; `undefined` if the runtime is unknown, suspended or revoked. */
export type AddedTask = StoredAgentTask | undefined;

/**
 * Adds tasks and their entries for the audit log with one statement. It reads the runtimes without locking them: a task of a
 * runtime that is suspended or revoked at the same moment is refused when it is verified.
 */
export async function addAgentTasks(
  { database, cipher }: SqlStoreParts,
  items: readonly TaskToAdd[],
): Promise<readonly AddedTask[]> {
  // Always in the same order, so that two statements with the same registrations do not wait for each other in a circle.
  const sorted = items
    .map(({ task, origin }, position) => ({
      position,
      task,
      entry: toSealedRow(cipher, auditedChange.agentTaskAdded(task, origin)),
    }))
    .sort((one, other) => (one.task.registrationSignature < other.task.registrationSignature ? -1 : 1));
  const rows = await database.write((connection) =>
    connection.query(
      addTasks,
      [
        sorted.map(({ position }) => position),
        ...taskColumns.map((column) => sorted.map(({ task }) => task[column])),
        ...entryColumns.map((column) => sorted.map(({ entry }) => entry[column])),
      ],
      'add_agent_tasks',
    ),
  );
  const outcomes = new Map(rows.map((row) => [Number(row[0]), row]));
  const results: AddedTask[] = [];
  for (const [position, item] of items.entries()) {
    const [, isActive, isAdded, ...existing] = outcomes.get(position) ?? [];
    if (isAdded === true) results.push(item.task);
    else if (existing[0] !== null && existing[0] !== undefined) results.push(toExisting(item.task, existing));
    else if (isActive === true)
      results.push(await addAgain({ database, cipher } as SqlStoreParts, items, item));
    else results.push(undefined);
  }
  return results;
}

/** The same registration came twice in one statement, or another node added it at the same time. Now it is there. */
async function addAgain(
  parts: SqlStoreParts,
  items: readonly TaskToAdd[],
  item: TaskToAdd,
): Promise<AddedTask> {
  if (items.length === 1) throw transactionConflict('a task was neither added nor found');
  const [result] = await addAgentTasks(parts, [item]);
  return result;
}

function toExisting(
  task: StoredAgentTask,
  [taskId, createdAt, lastSeenAt]: readonly unknown[],
): StoredAgentTask {
  return {
    ...task,
    taskId: String(taskId),
    createdAt: Number(createdAt),
    lastSeenAt: Number(lastSeenAt),
    revokedAt: null,
  };
}

const taskColumns = [
  'agentRuntimeId',
  'taskId',
  'registrationTimestamp',
  'registrationSignature',
  'createdAt',
  'lastSeenAt',
] as const satisfies readonly (keyof StoredAgentTask)[];

const entryColumns = ['id', 'at', 'actor', 'action', 'detailsJson', 'mac'] as const;

const addTasks = `
with input as (
  select * from unnest(
    $1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
    $8::text[], $9::bigint[], $10::text[], $11::text[], $12::text[], $13::text[]
  ) as item (
    position, agent_runtime_id, task_id, registration_timestamp, registration_signature, created_at, last_seen_at,
    entry_id, at, actor, action, details, mac
  )
), active as (
  -- One look-up by key for each row: a join might read the whole table.
  select input.* from input cross join lateral (
    select 1 from agent_identity.agent_runtimes as runtime
    where runtime.agent_runtime_id = input.agent_runtime_id
      and runtime.revoked_at is null and runtime.suspended_at is null
    limit 1
  ) as runtime
), added as (
  insert into agent_identity.agent_tasks
    (agent_runtime_id, task_id, registration_timestamp, registration_signature, created_at, last_seen_at)
  select agent_runtime_id, task_id, registration_timestamp, registration_signature, created_at, last_seen_at
  from active
  on conflict (agent_runtime_id, registration_timestamp, registration_signature) where revoked_at is null do nothing
  returning agent_runtime_id, task_id
), logged as (
  insert into agent_identity.audit_pending (id, at, actor, action, agent_runtime_id, task_id, details, mac)
  select entry_id, at, actor, action, agent_runtime_id, task_id, details, mac
  from active join added using (agent_runtime_id, task_id)
)
select active.position, true, added.task_id is not null, existing.task_id, existing.created_at, existing.last_seen_at
from active
left join added using (agent_runtime_id, task_id)
left join lateral (
  select task.task_id, task.created_at, task.last_seen_at from agent_identity.agent_tasks as task
  where added.task_id is null
    and task.agent_runtime_id = active.agent_runtime_id
    and task.registration_timestamp = active.registration_timestamp
    and task.registration_signature = active.registration_signature
    and task.revoked_at is null
  limit 1
) as existing on true`;
