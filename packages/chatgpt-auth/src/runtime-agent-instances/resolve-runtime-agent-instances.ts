import { requireKnownOptions } from 'agent-identity-core/http';
import { chatgptAuthError } from '../errors.js';
import { readCloudConfigBundle } from './cloud-config-bundle.js';
import {
  type FeatureSetting,
  mergeSettings,
  type RuntimeAgentInstancesMode,
  readFeatureSetting,
  readRequiredSetting,
} from './feature-setting.js';

/** Whether runtime agent instances are on, and how requests carry their assertions. */
export interface RuntimeAgentInstancesConfig {
  readonly enabled: boolean;
  readonly mode: RuntimeAgentInstancesMode;
}

/** Options for {@link resolveRuntimeAgentInstances}. All texts are TOML; a missing file is `undefined`. */
export interface ResolveRuntimeAgentInstancesOptions {
  /** The text of `$CODEX_HOME/config.toml`. */
  readonly configToml?: string | undefined;
  /** The text of `/etc/codex/config.toml`. */
  readonly systemConfigToml?: string | undefined;
  /** The text of `/etc/codex/requirements.toml`. */
  readonly requirementsToml?: string | undefined;
  /** The JSON that `GET {chatgpt base}/wham/config/bundle` returned. */
  readonly cloudConfigBundle?: unknown;
  /** The caller's own setting, such as that of a command line. It wins over config files, but not over requirements. */
  readonly override?:
    | {
        readonly enabled?: boolean | undefined;
        readonly mode?: RuntimeAgentInstancesMode | undefined;
      }
    | undefined;
}

const optionNames = [
  'configToml',
  'systemConfigToml',
  'requirementsToml',
  'cloudConfigBundle',
  'override',
] as const;

/**
 * Decides whether runtime agent instances are on (docs/protocol-instances.md section 1). Off by default. No I/O.
 *
 * | from the lowest to the highest precedence | its `enabled` | its `mode` |
 * |---|---|---|
 * | `/etc/codex/config.toml`, `config_toml` of the bundle, `config.toml`, `override` | the highest one that is set | the highest one that is set; default `dual_header`; alone it does not enable |
 * | requirements: `/etc/codex/requirements.toml`, `requirements_toml` of the bundle | wins over the config | wins over the default; a different mode in the config is an error |
 *
 * @throws AgentIdentityError `invalid_config`, `runtime_mode_not_allowed`, `invalid_argument`
 * @example
 * ```ts
 * import { resolveRuntimeAgentInstances } from 'chatgpt-auth';
 *
 * resolveRuntimeAgentInstances({
 *   configToml: '[features]\nruntime_agent_instances = true\n',
 *   requirementsToml: '[features.runtime_agent_instances]\nmode = "assertion_only"\n',
 * }); // { enabled: true, mode: 'assertion_only' }
 * ```
 */
export function resolveRuntimeAgentInstances(
  options: ResolveRuntimeAgentInstancesOptions = {},
): RuntimeAgentInstancesConfig {
  requireKnownOptions(options, optionNames, 'options');
  const { configToml, systemConfigToml, requirementsToml, cloudConfigBundle = {}, override = {} } = options;
  requireOverride(override);
  const cloud = readCloudConfigBundle(cloudConfigBundle);
  const configured = mergeSettings([
    readFeatureSetting(systemConfigToml, '/etc/codex/config.toml'),
    ...cloud.configs.map((toml) => readFeatureSetting(toml, 'config_toml of the cloud config bundle')),
    readFeatureSetting(configToml, 'config.toml'),
    override,
  ]);
  const required = mergeSettings([
    readRequiredSetting(requirementsToml, '/etc/codex/requirements.toml'),
    ...cloud.requirements.map((toml) =>
      readRequiredSetting(toml, 'requirements_toml of the cloud config bundle'),
    ),
  ]);
  requireAllowedMode(configured.mode, required.mode);
  const { enabled = false, mode = 'dual_header' } = mergeSettings([configured, required]);
  return { enabled, mode };
}

function requireAllowedMode(configured: FeatureSetting['mode'], required: FeatureSetting['mode']): void {
  if (configured === undefined || required === undefined || configured === required) return;
  throw chatgptAuthError(
    'runtime_mode_not_allowed',
    `features.runtime_agent_instances.mode: requirements allow only "${required}", and "${configured}" is configured`,
  );
}

function requireOverride(override: FeatureSetting): void {
  requireKnownOptions(override, ['enabled', 'mode'], 'override');
  const { enabled, mode } = override;
  if (enabled !== undefined && typeof enabled !== 'boolean') {
    throw chatgptAuthError('invalid_argument', 'override.enabled: expected a boolean');
  }
  if (mode !== undefined && mode !== 'dual_header' && mode !== 'assertion_only') {
    throw chatgptAuthError('invalid_argument', 'override.mode: expected "dual_header" or "assertion_only"');
  }
}
