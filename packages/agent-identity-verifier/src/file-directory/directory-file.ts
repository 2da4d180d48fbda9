import type { InstanceActor } from 'agent-identity-core/wire';
import * as z from 'zod/mini';
import type { AgentRuntimeStatus, AgentTaskStatus, RuntimeAgentInstanceStatus } from '../agent-directory.js';

/** The JSON of a directory file. `agent-identity-verifier/directory-file.schema.json` is the same as JSON Schema. */
export interface DirectoryFile {
  /** For editors. */
  $schema?: string | undefined;
  agents: DirectoryFileAgent[];
  /** Runtime agent instances, the agents of the second generation. Default: none. */
  instances?: DirectoryFileInstance[] | undefined;
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
  /** What the agent may do. Default: nothing. */
  capabilities?: string[] | undefined;
  /** For people. */
  name?: string | undefined;
  /** Default: none. */
  labels?: Record<string, string> | undefined;
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

/** A runtime agent instance in a directory file (docs/protocol-instances.md section 3). */
export interface DirectoryFileInstance {
  /** Unique in the file. */
  runtime_agent_instance_id: string;
  agent_host_id: string;
  /** The OpenSSH line, `ssh-ed25519 …`, without a comment. */
  public_key: string;
  actor: InstanceActor;
  /** Default: `active`. */
  status?: RuntimeAgentInstanceStatus | undefined;
  /** RFC 3339, UTC. Default: never. */
  expires_at?: string | undefined;
}

const nonBlankSchema = z.string().check(z.regex(/\S/, 'expected a non-blank string'));

const capabilitySchema = z
  .string()
  .check(z.regex(/^[!#-[\]-~]{1,512}$/, 'expected a capability such as repository:read'));

const publicKeySchema = z
  .string()
  .check(z.regex(/^ssh-ed25519 [A-Za-z0-9+/]{68}$/, 'expected an ssh-ed25519 line without a comment'));

const instanceSchema = z.strictObject({
  runtime_agent_instance_id: nonBlankSchema,
  agent_host_id: nonBlankSchema,
  public_key: publicKeySchema,
  actor: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('chatgpt'), user_id: z.string(), account_id: z.string() }),
    z.strictObject({
      kind: z.literal('platform'),
      user_id: z.string(),
      organization_id: z.string(),
      project_id: z.nullable(z.string()),
    }),
  ]),
  status: z.optional(z.enum(['active', 'suspended', 'revoked', 'expired'])),
  expires_at: z.optional(z.iso.datetime()),
});

/** Reads a directory file. Unknown members are refused: a misspelled `status` must not leave a revoked agent active. */
export const directoryFileSchema: z.ZodMiniType<DirectoryFile> = z.strictObject({
  $schema: z.optional(z.string()),
  agents: z.array(
    z.strictObject({
      agent_runtime_id: nonBlankSchema,
      agent_public_key: publicKeySchema,
      account_id: nonBlankSchema,
      status: z.optional(z.enum(['active', 'suspended', 'deleted', 'revoked', 'expired'])),
      capabilities: z.optional(z.array(capabilitySchema).check(z.maxLength(64))),
      name: z.optional(z.string()),
      labels: z.optional(z.record(z.string(), z.string())),
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
  instances: z.optional(z.array(instanceSchema)),
});
