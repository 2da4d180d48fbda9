import { join } from 'node:path';
import { requireKnownOptions } from 'agent-identity-core/http';
import { chatgptAuthError } from '../../errors.js';
import {
  type ResolveRuntimeAgentInstancesOptions,
  type RuntimeAgentInstancesConfig,
  resolveRuntimeAgentInstances,
} from '../../runtime-agent-instances/resolve-runtime-agent-instances.js';
import { requireCodexHome } from '../codex-home.js';
import { readRegularFile } from '../read-regular-file.js';

/** Options for {@link readRuntimeAgentInstances}. */
export interface ReadRuntimeAgentInstancesOptions
  extends Pick<ResolveRuntimeAgentInstancesOptions, 'cloudConfigBundle' | 'override'> {
  /** The published client's folder. Default: `CODEX_HOME`, else `~/.codex`. */
  readonly codexHome?: string | undefined;
  /** The folder of the system's `config.toml` and `requirements.toml`. Default: `/etc/codex`. */
  readonly systemFolder?: string | undefined;
}

/** Larger than any real file. */
const maxBytes = 16 * 1024 * 1024;

/**
 * Reads whether runtime agent instances are on, from `config.toml`, `/etc/codex/config.toml` and
 * `/etc/codex/requirements.toml` (docs/protocol-instances.md section 1). Missing files say nothing; a file that cannot be
 * read is an error, because it may be a requirement. Off by default. See `resolveRuntimeAgentInstances` for precedence.
 *
 * @throws AgentIdentityError `invalid_config`, `runtime_mode_not_allowed`, `invalid_argument`
 * @example
 * ```ts
 * import { readRuntimeAgentInstances } from 'chatgpt-auth/node';
 *
 * const { enabled, mode } = await readRuntimeAgentInstances({ codexHome: '/home/someone/.codex' });
 * ```
 */
export async function readRuntimeAgentInstances(
  options: ReadRuntimeAgentInstancesOptions = {},
): Promise<RuntimeAgentInstancesConfig> {
  requireKnownOptions(options, ['codexHome', 'systemFolder', 'cloudConfigBundle', 'override'], 'options');
  const { systemFolder = '/etc/codex', cloudConfigBundle, override } = options;
  const [configToml, systemConfigToml, requirementsToml] = await Promise.all([
    readOptionalFile(join(requireCodexHome(options.codexHome), 'config.toml')),
    readOptionalFile(join(systemFolder, 'config.toml')),
    readOptionalFile(join(systemFolder, 'requirements.toml')),
  ]);
  return resolveRuntimeAgentInstances({
    configToml,
    systemConfigToml,
    requirementsToml,
    cloudConfigBundle,
    override,
  });
}

async function readOptionalFile(path: string): Promise<string | undefined> {
  const file = await readRegularFile(path, maxBytes);
  if (file.kind === 'text') return file.text;
  if (file.kind === 'missing') return undefined;
  const options = file.kind === 'unreadable' ? { cause: file.cause } : {};
  throw chatgptAuthError('invalid_config', `${path}: ${file.reason}`, options);
}
