import { type ResolveRuntimeAgentInstancesOptions, resolveRuntimeAgentInstances } from 'chatgpt-auth';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';

const flag = (value: boolean) => `[features]\nruntime_agent_instances = ${value}\n`;
const table = (...lines: readonly string[]) =>
  ['[features.runtime_agent_instances]', ...lines, ''].join('\n');
const [on, off] = ['enabled = true', 'enabled = false'];
const [dual, only] = ['mode = "dual_header"', 'mode = "assertion_only"'];

const fragment = (contents: string) => ({ id: 'bundle-1', name: 'Managed', contents });
const bundleOf = (kind: 'config_toml' | 'requirements_toml', ...contents: readonly string[]) => ({
  [kind]: { enterprise_managed: contents.map(fragment) },
});

type Expected = 'off' | 'dual_header' | 'assertion_only';
const resolve = (options: ResolveRuntimeAgentInstancesOptions): Expected => {
  const { enabled, mode } = resolveRuntimeAgentInstances(options);
  return enabled ? mode : 'off';
};
const refusal = (options: ResolveRuntimeAgentInstancesOptions) =>
  thrownBy(() => resolveRuntimeAgentInstances(options));

describe('the setting of config.toml', () => {
  it.each<[Expected, string | undefined]>([
    ['off', undefined],
    ['off', ''],
    ['off', '[features]\nuse_agent_identity = true\n'],
    ['off', flag(false)],
    ['dual_header', flag(true)],
    ['dual_header', 'features.runtime_agent_instances = true'],
    ['off', table()],
    ['dual_header', table(on)],
    ['dual_header', table(on, dual)],
    ['assertion_only', table(on, only)],
    ['off', table(only)],
    ['off', table(off, only)],
  ])('is %s for %j', (expected, configToml) => {
    expect(resolve({ configToml })).toBe(expected);
  });

  it('accepts other settings, including 64-bit integers and unknown features', () => {
    const other = 'count = 9223372036854775807\n[features]\nother = { deep = [1] }\n';
    expect(resolve({ configToml: `${other}runtime_agent_instances = true\n` })).toBe('dual_header');
  });

  it.each([
    table(on, 'mode = "both"'),
    table(on, 'mode = "DualHeader"'),
    table(on, 'mode = "dual-header"'),
    table(on, 'mode = ""'),
    table(on, 'mode = 1'),
    table('enabled = "true"'),
    table('enabled = 1'),
    table(on, 'ttl = 1'),
    '[features]\nruntime_agent_instances = 1\n',
    '[features]\nruntime_agent_instances = "true"\n',
    '[features]\nruntime_agent_instances = []\n',
    '[[features.runtime_agent_instances]]\nenabled = true\n',
    'features = true\n',
    'features = []\n',
  ])('is refused with invalid_config if it is %j', async (toml) => {
    for (const name of ['configToml', 'systemConfigToml', 'requirementsToml']) {
      const error = await refusal({ [name]: toml });
      expect(error.code).toBe('invalid_config');
      expect(error.message).toMatch(/config\.toml|requirements\.toml/);
      expect(error.message).toMatch(/: features(\.runtime_agent_instances)?: expected /);
    }
  });

  it('is refused with invalid_config without quoting the text if it is not TOML', async () => {
    const error = await refusal({ configToml: 'api_key = "secret-1\nx' });
    expect(error).toMatchObject({ code: 'invalid_config', message: 'config.toml: line 1 is not TOML' });
  });
});

describe('layers of configuration', () => {
  it('merge member by member, so that a boolean keeps the mode of a lower table', () => {
    expect(resolve({ systemConfigToml: table(only), configToml: flag(true) })).toBe('assertion_only');
    expect(resolve({ systemConfigToml: flag(true), configToml: table(only) })).toBe('assertion_only');
    expect(resolve({ systemConfigToml: table(on, only), configToml: table(dual) })).toBe('dual_header');
    expect(resolve({ systemConfigToml: table(on, only), configToml: flag(false) })).toBe('off');
  });

  it('are overridden by the override', () => {
    expect(resolve({ configToml: table(only), override: { enabled: true } })).toBe('assertion_only');
    expect(resolve({ configToml: table(off, only), override: { enabled: true } })).toBe('assertion_only');
    expect(resolve({ configToml: table(on, only), override: { mode: 'dual_header' } })).toBe('dual_header');
    expect(resolve({ configToml: table(on, only), override: { enabled: false } })).toBe('off');
    expect(resolve({ override: { mode: 'assertion_only' } })).toBe('off');
    expect(resolve({ configToml: flag(true), override: { enabled: undefined, mode: undefined } })).toBe(
      'dual_header',
    );
  });
});

describe('requirements', () => {
  it.each<[Expected, string, string]>([
    ['dual_header', flag(true), ''],
    ['dual_header', flag(true), flag(false)],
    ['off', flag(false), table(on, only)],
    ['assertion_only', flag(true), table(on, only)],
    ['assertion_only', table(on, only), ''],
    ['assertion_only', table(on, only), flag(false)],
    ['off', table(only), ''],
    ['assertion_only', table(only), flag(true)],
    ['assertion_only', table(only), table(on, only)],
    ['off', table(), ''],
    ['dual_header', '[feature_requirements]\nruntime_agent_instances = true\n', ''],
  ])('give %s for the requirements %j and the config %j', (expected, requirementsToml, configToml) => {
    expect(resolve({ requirementsToml, configToml })).toBe(expected);
  });

  it('win over the override', () => {
    expect(resolve({ requirementsToml: flag(false), override: { enabled: true } })).toBe('off');
  });

  it.each([
    ['the config enables it', { configToml: table(on, dual) }],
    ['the config does not enable it', { configToml: table(dual) }],
    ['the system config says so', { systemConfigToml: table(dual) }],
    ['the bundle says so', { cloudConfigBundle: bundleOf('config_toml', table(dual)) }],
    ['the override says so', { override: { mode: 'dual_header' as const } }],
  ])('refuse another mode with runtime_mode_not_allowed, also if %s', async (_who, options) => {
    for (const required of [table(only), table(on, only), table(off, only)]) {
      const error = await refusal({ requirementsToml: required, ...options });
      expect(error.code).toBe('runtime_mode_not_allowed');
      expect(error.message).toBe(
        'features.runtime_agent_instances.mode: requirements allow only "assertion_only", and "dual_header" is configured',
      );
    }
  });

  it('are refused with invalid_config if the table has both of its names', async () => {
    const both = `${flag(true)}[feature_requirements]\nruntime_agent_instances = true\n`;
    expect((await refusal({ requirementsToml: both })).code).toBe('invalid_config');
  });
});

describe('the cloud config bundle', () => {
  it("enables the feature with nothing in the user's configuration", () => {
    expect(resolve({ cloudConfigBundle: bundleOf('requirements_toml', table(on)) })).toBe('dual_header');
    expect(resolve({ cloudConfigBundle: bundleOf('requirements_toml', table(on, only)) })).toBe(
      'assertion_only',
    );
    expect(resolve({ cloudConfigBundle: bundleOf('config_toml', table(on, only)) })).toBe('assertion_only');
  });

  it('is a requirement in requirements_toml, and a default below the user in config_toml', () => {
    const configToml = flag(false);
    expect(resolve({ configToml, cloudConfigBundle: bundleOf('requirements_toml', flag(true)) })).toBe(
      'dual_header',
    );
    expect(resolve({ configToml, cloudConfigBundle: bundleOf('config_toml', flag(true)) })).toBe('off');
  });

  it("takes precedence over the system's files", () => {
    const cloudConfigBundle = {
      ...bundleOf('requirements_toml', flag(true)),
      ...bundleOf('config_toml', table(only)),
    };
    const systemConfigToml = table(dual);
    expect(resolve({ cloudConfigBundle, systemConfigToml, requirementsToml: flag(false) })).toBe(
      'assertion_only',
    );
  });

  it('lists the fragment with the highest precedence first', () => {
    expect(resolve({ cloudConfigBundle: bundleOf('requirements_toml', flag(false), flag(true)) })).toBe(
      'off',
    );
    expect(resolve({ cloudConfigBundle: bundleOf('config_toml', table(on, only), table(off, dual)) })).toBe(
      'assertion_only',
    );
  });

  it.each([
    {},
    { config_toml: null, requirements_toml: null },
    { requirements_toml: {} },
    { requirements_toml: { enterprise_managed: [] }, extra: 1 },
  ])('has no setting if it is %j', (cloudConfigBundle) => {
    expect(resolve({ cloudConfigBundle })).toBe('off');
    expect(resolve({ cloudConfigBundle, configToml: flag(true) })).toBe('dual_header');
  });

  it.each([
    null,
    [],
    'x',
    7,
    { requirements_toml: [] },
    { requirements_toml: { enterprise_managed: {} } },
    { requirements_toml: { enterprise_managed: [{ id: '1', name: 'n' }] } },
    bundleOf('requirements_toml', 'not toml'),
    bundleOf('config_toml', table('mode = "both"')),
  ])('is refused with invalid_config if it is %j', async (cloudConfigBundle) => {
    const error = await refusal({ cloudConfigBundle });
    expect(error.code).toBe('invalid_config');
    expect(error.message).toContain('cloud config bundle: ');
  });
});

describe('resolveRuntimeAgentInstances', () => {
  it('is off and dual_header without options', () => {
    expect(resolveRuntimeAgentInstances()).toEqual({ enabled: false, mode: 'dual_header' });
  });

  it.each([
    { config: '' },
    { override: { mode: 'both' } },
    { override: { enabled: 'true' } },
    { override: { enable: true } },
    { override: null },
  ])('refuses the options %j with invalid_argument', async (options) => {
    expect((await refusal(options as object)).code).toBe('invalid_argument');
  });
});
