import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRuntimeAgentInstances } from 'chatgpt-auth/node';
import { temporaryFolder, thrownBy } from 'test-support';
import { expect, it } from 'vitest';

const table = (...lines: readonly string[]) =>
  ['[features.runtime_agent_instances]', ...lines, ''].join('\n');

async function folders() {
  const [codexHome, systemFolder] = await Promise.all([temporaryFolder(), temporaryFolder()]);
  return { codexHome, systemFolder };
}

it('readRuntimeAgentInstances is off and dual_header if there are no files', async () => {
  const { codexHome, systemFolder } = await folders();
  const expected = { enabled: false, mode: 'dual_header' };
  expect(await readRuntimeAgentInstances({ codexHome, systemFolder })).toEqual(expected);
  const nowhere = { codexHome: join(codexHome, 'none'), systemFolder: join(systemFolder, 'none') };
  expect(await readRuntimeAgentInstances(nowhere)).toEqual(expected);
});

it('readRuntimeAgentInstances reads the config of the user and of the system, and the requirements', async () => {
  const { codexHome, systemFolder } = await folders();
  await writeFile(join(systemFolder, 'config.toml'), table('mode = "assertion_only"'));
  expect(await readRuntimeAgentInstances({ codexHome, systemFolder })).toEqual({
    enabled: false,
    mode: 'assertion_only',
  });
  await writeFile(join(codexHome, 'config.toml'), table('enabled = true'));
  expect(await readRuntimeAgentInstances({ codexHome, systemFolder })).toEqual({
    enabled: true,
    mode: 'assertion_only',
  });
  await writeFile(join(systemFolder, 'requirements.toml'), table('enabled = false'));
  const override = { enabled: true };
  expect(await readRuntimeAgentInstances({ codexHome, systemFolder, override })).toEqual({
    enabled: false,
    mode: 'assertion_only',
  });
  const contents = table('enabled = true');
  const cloudConfigBundle = { requirements_toml: { enterprise_managed: [{ id: '1', name: 'n', contents }] } };
  expect(await readRuntimeAgentInstances({ codexHome, systemFolder, cloudConfigBundle })).toEqual({
    enabled: true,
    mode: 'assertion_only',
  });
});

it.each(['config.toml', 'requirements.toml'])(
  'readRuntimeAgentInstances refuses a %s that cannot be read with invalid_config',
  async (name) => {
    const { codexHome, systemFolder } = await folders();
    await mkdir(join(systemFolder, name));
    const error = await thrownBy(() => readRuntimeAgentInstances({ codexHome, systemFolder }));
    expect(error.code).toBe('invalid_config');
    expect(error.message).toBe(`${join(systemFolder, name)}: it is not a regular file`);
  },
);

it('readRuntimeAgentInstances refuses an unknown option with invalid_argument', async () => {
  const options = { codexHom: '/nowhere' } as object;
  expect((await thrownBy(() => readRuntimeAgentInstances(options))).code).toBe('invalid_argument');
});
