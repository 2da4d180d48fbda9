import { join } from 'node:path';
import { requireKnownOptions } from 'agent-identity-core/http';
import { explainSchemaError } from 'agent-identity-core/wire';
import * as z from 'zod/mini';
import { chatgptAuthError } from '../errors.js';
import { parseToml } from '../parse-toml.js';
import { type AgentIdentityPolicy, policyForFeature } from '../policy.js';
import { requireCodexHome } from './codex-home.js';
import { readRegularFile } from './read-regular-file.js';

/** Where the published client keeps its credentials; `ephemeral` means in its memory only. */
export type CredentialsStore = 'file' | 'keyring' | 'auto' | 'ephemeral';

/** The settings of `config.toml` that concern auth (docs/protocol.md section 9). */
export interface CodexConfig {
  /** From `[features] use_agent_identity`. */
  readonly policy: AgentIdentityPolicy;
  /** `chatgpt_base_url`. */
  readonly chatgptBaseUrl: string | undefined;
  /** `forced_chatgpt_workspace_id`, one or several; empty for none. */
  readonly forcedWorkspaceIds: readonly string[];
  /** `forced_login_method`. */
  readonly forcedLoginMethod: 'api' | 'chatgpt' | undefined;
  /** `cli_auth_credentials_store`. Default: `file`. */
  readonly credentialsStore: CredentialsStore;
  /** `[features] secret_auth_storage`; `undefined` if the file does not set it. */
  readonly secretAuthStorage: boolean | undefined;
}

/** Options for {@link readCodexConfig}. */
export interface ReadCodexConfigOptions {
  /** The published client's folder. Default: `CODEX_HOME`, else `~/.codex`. */
  readonly codexHome?: string | undefined;
}

const configSchema = z.object({
  features: z.optional(
    z.object({
      use_agent_identity: z.optional(z.boolean()),
      secret_auth_storage: z.optional(z.boolean()),
    }),
  ),
  chatgpt_base_url: z.optional(z.string()),
  forced_chatgpt_workspace_id: z.optional(
    z.custom<string | string[]>(isTextOrTexts, 'expected a string or an array of strings'),
  ),
  forced_login_method: z.optional(z.enum(['api', 'chatgpt'])),
  cli_auth_credentials_store: z.optional(z.enum(['file', 'keyring', 'auto', 'ephemeral'])),
});

function isTextOrTexts(value: unknown): boolean {
  return [value].flat().every((text) => typeof text === 'string');
}

/**
 * Reads `config.toml` of the published client's folder. A missing file gives the defaults, with the opt-in off.
 *
 * @throws AgentIdentityError `invalid_config`, `invalid_argument`
 * @example
 * ```ts
 * import { readCodexConfig } from 'chatgpt-auth/node';
 *
 * const { policy, credentialsStore } = await readCodexConfig({ codexHome: '/home/someone/.codex' });
 * ```
 */
export async function readCodexConfig(options: ReadCodexConfigOptions = {}): Promise<CodexConfig> {
  requireKnownOptions(options, ['codexHome'], 'options');
  const path = join(requireCodexHome(options.codexHome), 'config.toml');
  const settings = parseToml(await readConfigFile(path), path);
  const result = configSchema.safeParse(settings);
  if (!result.success) {
    throw chatgptAuthError('invalid_config', `${path}: ${explainSchemaError(result.error, settings)}`);
  }
  const { data: config } = result;
  return {
    policy: policyForFeature(config.features?.use_agent_identity),
    chatgptBaseUrl: config.chatgpt_base_url?.trim() || undefined,
    forcedWorkspaceIds: [config.forced_chatgpt_workspace_id ?? []]
      .flat()
      .map((id) => id.trim())
      .filter((id) => id !== ''),
    forcedLoginMethod: config.forced_login_method,
    credentialsStore: config.cli_auth_credentials_store ?? 'file',
    secretAuthStorage: config.features?.secret_auth_storage,
  };
}

/** Larger than any real file. */
const maxBytes = 16 * 1024 * 1024;

async function readConfigFile(path: string): Promise<string> {
  const file = await readRegularFile(path, maxBytes);
  if (file.kind === 'text') return file.text;
  if (file.kind === 'missing') return '';
  const options = file.kind === 'unreadable' ? { cause: file.cause } : {};
  throw chatgptAuthError('invalid_config', `${path}: ${file.reason}`, options);
}
