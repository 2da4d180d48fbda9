import * as z from 'zod/mini';

/** The path of the stream of changes below the base URL. Its query parameter `after` continues an earlier stream. */
export const directoryChangesPath = '/v1/directory/changes' as const;

/**
 * A change of something that verifiers may have cached: fetch it again before using it. Data of a `change` event.
 * `runtime_agent_instances` concerns all instances.
 */
export type DirectoryChange =
  | { kind: 'agent_runtime'; agent_runtime_id: string }
  | { kind: 'agent_task'; agent_runtime_id: string; task_id: string }
  | { kind: 'runtime_agent_instances' };

/** Reads the data of a `change` event. A verifier that cannot read one must drop everything that it has cached. */
export const directoryChangeSchema: z.ZodMiniType<DirectoryChange> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('agent_runtime'), agent_runtime_id: z.string() }),
  z.object({ kind: z.literal('agent_task'), agent_runtime_id: z.string(), task_id: z.string() }),
  z.object({ kind: z.literal('runtime_agent_instances') }),
]);

/** Up to where the stream has told all changes. Data of a `position` event and of a `reset` event. */
export interface DirectoryPosition {
  /** The number of entries of the authority's audit log; the `after` that continues here. */
  after: number;
}

/** Reads the data of a `position` event or of a `reset` event. */
export const directoryPositionSchema: z.ZodMiniType<DirectoryPosition> = z.object({
  after: z.int().check(z.nonnegative()),
});

/** The request header, with any value, of a verifier that follows the stream of changes. */
export const directoryFollowHeader = 'directory-follow' as const;

/** The response header that says for how many seconds an entry changes only with an event in the stream. */
export const directoryFollowSecondsHeader = 'directory-follow-seconds' as const;
