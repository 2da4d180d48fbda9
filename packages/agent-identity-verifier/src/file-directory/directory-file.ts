import * as z from 'zod/mini';
import type { AgentRuntimeStatus, AgentTaskStatus } from '../agent-directory.js';

/** The JSON of a directory file. `agent-identity-verifier/directory-file.schema.json` is the same as JSON Schema. */
export interface DirectoryFile {
  /** For editors. */
  $schema?: string | undefined;
  agents: DirectoryFileAgent[];
}

/** An agent runtime in a directory file, with its tasks. */
export interface DirectoryFileAgent {
  /** Unique in the file. */
  agent_runtime_id: string;
  /** The OpenSSH line, `ssh-ed25519 …`, without a comment (docs/protocol.md section 2). */
  agent_public_key: string;
  /** The account that owns the runtime. */
  account_id: string;
  /** Default: `active`. */
  status?: AgentRuntimeStatus | undefined;
  /** Default: none, so that every request of the agent is refused. */
  tasks?: DirectoryFileTask[] | undefined;
}

/** A task of an agent runtime in a directory file. */
export interface DirectoryFileTask {
  /** Unique among the tasks of the agent. */
  task_id: string;
  /** Default: `active`. */
  status?: AgentTaskStatus | undefined;
}

const nonBlankSchema = z.string().check(z.regex(/\S/, 'expected a non-blank string'));

/** Reads a directory file. Unknown members are refused: a misspelled `status` must not leave a revoked agent active. */
export const directoryFileSchema: z.ZodMiniType<DirectoryFile> = z.strictObject({
  $schema: z.optional(z.string()),
  agents: z.array(
    z.strictObject({
      agent_runtime_id: nonBlankSchema,
      agent_public_key: z
        .string()
        .check(z.regex(/^ssh-ed25519 [A-Za-z0-9+/]{68}$/, 'expected an ssh-ed25519 line without a comment')),
      account_id: nonBlankSchema,
      status: z.optional(z.enum(['active', 'deleted', 'revoked', 'expired'])),
      tasks: z.optional(
        z.array(
          z.strictObject({
            task_id: nonBlankSchema,
            status: z.optional(z.enum(['active', 'expired', 'revoked'])),
          }),
        ),
      ),
    }),
  ),
});
