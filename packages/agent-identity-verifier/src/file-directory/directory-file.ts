import * as z from 'zod';
import type { AgentRuntimeStatus, AgentTaskStatus } from '../agent-directory.js';

/** The JSON of a directory file. The same as JSON Schema: `agent-identity-verifier/directory-file.schema.json`. */
export interface DirectoryFile {
  /** For editors. */
  $schema?: string | undefined;
  agents: DirectoryFileAgent[];
}

/** An agent runtime of a directory file, and its tasks. */
export interface DirectoryFileAgent {
  /** No two agents have the same. */
  agent_runtime_id: string;
  /** The OpenSSH line, `ssh-ed25519 …`, without a comment (docs/protocol.md section 2). */
  agent_public_key: string;
  /** The account that owns the runtime. */
  account_id: string;
  /** `active` by default. */
  status?: AgentRuntimeStatus | undefined;
  /** None by default: the agent is known, and nothing that it does is allowed. */
  tasks?: DirectoryFileTask[] | undefined;
}

/** A task of an agent runtime in a directory file. */
export interface DirectoryFileTask {
  /** No two tasks of an agent have the same. */
  task_id: string;
  /** `live` by default. */
  status?: AgentTaskStatus | undefined;
}

/** Unknown members are refused: a misspelt `status` must not leave an agent active. */
export const directoryFileSchema: z.ZodType<DirectoryFile> = z.strictObject({
  $schema: z.string().optional(),
  agents: z.array(
    z.strictObject({
      agent_runtime_id: z.string().min(1),
      agent_public_key: z.string().regex(/^ssh-ed25519 [A-Za-z0-9+/]{68}$/),
      account_id: z.string().min(1),
      status: z.enum(['active', 'deleted', 'revoked', 'expired']).optional(),
      tasks: z
        .array(
          z.strictObject({
            task_id: z.string().min(1),
            status: z.enum(['live', 'expired', 'revoked']).optional(),
          }),
        )
        .optional(),
    }),
  ),
});
