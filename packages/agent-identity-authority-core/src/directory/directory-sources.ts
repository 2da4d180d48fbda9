import type { AgentDirectory, AgentRuntimeEntry } from 'agent-identity-verifier';
import { directoryFollowHeader } from 'agent-identity-verifier/directory-wire';
import type { OperationContext } from '../http/operation.js';
import type { EpochMilliseconds } from '../instant.js';

/** A directory over a store. */
export interface StoreDirectory extends Required<AgentDirectory> {
  findAgentRuntime(agentRuntimeId: string): Promise<StoredRuntimeEntry | undefined>;
}

interface StoredRuntimeEntry extends AgentRuntimeEntry {
  readonly expiresAt: EpochMilliseconds | null;
}

/** What answers verifiers. */
export interface DirectorySources {
  readonly directory: StoreDirectory;
  /** The same without a cache of rows. */
  readonly uncachedDirectory: StoreDirectory;
  readonly directoryMaxAgeSeconds: number;
}

/** A verifier that follows the stream of changes gets no rows from a cache: a change may already be in the stream. */
export function chooseDirectory(
  context: OperationContext,
  { directory, uncachedDirectory }: DirectorySources,
): { readonly directory: StoreDirectory; readonly follows: boolean } {
  const follows = context.req.header(directoryFollowHeader) !== undefined;
  return { directory: follows ? uncachedDirectory : directory, follows };
}
