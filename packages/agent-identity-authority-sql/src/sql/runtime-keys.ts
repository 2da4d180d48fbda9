import type { StoredAgentRuntime } from 'agent-identity-authority-core';
import { eq } from 'drizzle-orm';
import { runtimeColumns } from './runtime-rows.js';
import { agentRuntimes, replacedAgentKeys } from './schema.js';
import type { SqlSession } from './sql-database.js';

/** Finds the runtime that has or had a key. */
export async function findRuntimeByKey(
  session: SqlSession,
  publicKeySsh: string,
): Promise<StoredAgentRuntime | undefined> {
  const runtimes = session.select(runtimeColumns).from(agentRuntimes);
  const [runtime] = await runtimes.where(eq(agentRuntimes.publicKeySsh, publicKeySsh));
  if (runtime !== undefined) return runtime;
  const [replaced] = await session
    .select()
    .from(replacedAgentKeys)
    .where(eq(replacedAgentKeys.publicKeySsh, publicKeySsh));
  if (replaced === undefined) return undefined;
  const [owner] = await session
    .select(runtimeColumns)
    .from(agentRuntimes)
    .where(eq(agentRuntimes.agentRuntimeId, replaced.agentRuntimeId));
  return owner;
}

/** Whether a runtime had this key, and changed it. */
export async function isReplacedKey(session: SqlSession, publicKeySsh: string): Promise<boolean> {
  const matches = eq(replacedAgentKeys.publicKeySsh, publicKeySsh);
  return (await session.select().from(replacedAgentKeys).where(matches)).length > 0;
}
