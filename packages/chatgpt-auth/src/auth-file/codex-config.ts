import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import * as z from 'zod';
import { chatgptAuthError } from '../errors.js';
import { type AgentIdentityPolicy, policyOfFeature } from '../policy.js';
import { requireCodexHome } from './codex-home.js';
import { errorCodeOf } from './file-effects.js';

/** Where the published client keeps its credentials. */
export type CredentialsStore = 'file' | 'keyring' | 'auto';

/** The settings of `config.toml` that concern auth (docs/protocol.md section 9), named so that `openChatgptAuth` takes them. */
export interface CodexConfig {
  /** By `[features] use_agent_identity`. */
  readonly policy: AgentIdentityPolicy;
  /** `chatgpt_base_url`. */
  readonly chatgptBaseUrl: string | undefined;
  /** `forced_chatgpt_workspace_id`, one or several; empty for none. */
  readonly forcedWorkspaceIds: readonly string[];
  /** `cli_auth_credentials_store`; `file` by default. */
  readonly credentialsStore: CredentialsStore;
}

const text = z.string().transform((value) => value.trim() || undefined);

const configSchema = z.object({
  features: z.object({ use_agent_identity: z.boolean().optional() }).optional(),
  chatgpt_base_url: text.optional(),
  forced_chatgpt_workspace_id: z
    .union([text.transform((id) => [id]), z.array(text)])
    .transform((ids) => ids.filter((id) => id !== undefined))
    .optional(),
  cli_auth_credentials_store: z.enum(['file', 'keyring', 'auto']).optional(),
});

/**
 * Reads `config.toml` of the published client's folder; a missing file gives the defaults, with the opt-in off.
 *
 * @throws AgentIdentityError `invalid_option`, `invalid_config`
 */
export async function readCodexConfig({
  codexHome,
}: {
  readonly codexHome?: string | undefined;
} = {}): Promise<CodexConfig> {
  const result = configSchema.safeParse(parseToml(await readConfigFile(requireCodexHome(codexHome))));
  if (!result.success) {
    const [issue] = result.error.issues;
    throw invalid(`${issue?.path.join('.') ?? 'a setting'}: ${issue?.message ?? 'not valid'}`);
  }
  const { data: config } = result;
  return {
    policy: policyOfFeature(config.features?.use_agent_identity),
    chatgptBaseUrl: config.chatgpt_base_url,
    forcedWorkspaceIds: config.forced_chatgpt_workspace_id ?? [],
    credentialsStore: config.cli_auth_credentials_store ?? 'file',
  };
}

async function readConfigFile(codexHome: string): Promise<string> {
  try {
    return await readFile(join(codexHome, 'config.toml'), 'utf8');
  } catch (cause) {
    if (errorCodeOf(cause) === 'ENOENT') return '';
    throw chatgptAuthError('invalid_config', 'config.toml: it cannot be read', { cause });
  }
}

function parseToml(toml: string): unknown {
  try {
    return parse(toml);
  } catch (error) {
    // Its message quotes the lines around the fault, which may hold a key.
    throw invalid(error instanceof TomlError ? `line ${error.line} is not TOML` : 'it is not TOML');
  }
}

function invalid(reason: string): Error {
  return chatgptAuthError('invalid_config', `config.toml: ${reason}`);
}
