import { generateAgentKey, signTaskRegistration } from 'agent-identity-core';
import { registrationBody } from 'test-support';
import { expect, it } from 'vitest';
import { useConsole } from '../support/console-browser.js';

const openConsole = useConsole();
const account = {
  account_id: 'account-1',
  chatgpt_user_id: 'user-1',
  plan_type: 'business',
  is_fedramp: false,
};

type Api = Awaited<ReturnType<typeof openConsole>>['api'];

/** Issues an identity; resolves to its id. */
const issue = async (api: Api, members: object = {}): Promise<string> => {
  const issued = await api<{ agent_runtime_id: string }>('agents', { account, ...members });
  return issued.agent_runtime_id;
};

it('lists agents, filters them at the server, searches what is loaded, and loads more', async () => {
  const { page, api, signIn, requests, problems } = await openConsole();
  await issue(api, {
    name: 'builder',
    owner: 'Team Search',
    labels: { team: 'search' },
    capabilities: ['repository:read'],
  });
  await issue(api, { account: { ...account, account_id: 'account-2' } });
  for (let i = 0; i < 50; i += 1) await issue(api, { account: { ...account, account_id: 'account-3' } });
  await signIn();
  const table = page.getByRole('table', { name: 'Agents' });
  await expect.poll(() => table.getByRole('row').count()).toBe(51);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect.poll(() => table.getByRole('row').count()).toBe(53);
  await page.getByLabel('Search').fill('team search');
  await expect.poll(() => table.getByRole('row').count()).toBe(2);
  expect(await table.getByRole('row').last().textContent()).toMatch(
    /builder.*active.*account-1.*Team Search.*team=search.*repository:read/,
  );
  await page.getByLabel('Search').fill('');
  await page.getByLabel('Account').fill('account-2');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await expect.poll(() => table.getByRole('row').count()).toBe(2);
  expect(requests.at(-1)).toContain('/v1/admin/agents?account_id=account-2&limit=50');
  await page.getByLabel('Status').selectOption('revoked');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByText('No agent fits.').waitFor();
  await page.goBack();
  await expect.poll(() => table.getByRole('row').count()).toBe(2);
  await page.getByRole('link', { name: 'Clear' }).click();
  await expect.poll(() => table.getByRole('row').count()).toBe(51);
  await page.getByLabel('Label').fill('team');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await expect
    .poll(() => page.getByRole('alert').allTextContents())
    .toContainEqual(expect.stringContaining('expected a label such as team=search'));
  expect(problems.filter((problem) => !problem.includes('400'))).toEqual([]);
});

it('shows an agent, and suspends, resumes and revokes it', async () => {
  const { page, api, signIn } = await openConsole();
  const id = await issue(api, { name: 'builder', owner: 'Team Search', labels: { team: 'search' } });
  await signIn();
  await page.getByRole('link', { name: 'builder' }).click();
  await page.getByRole('heading', { level: 1, name: 'Agent builder' }).waitFor();
  const told = page.getByRole('region', { name: 'What a verifier is told' });
  expect(await told.textContent()).toContain(`"agent_runtime_id": "${id}"`);
  expect(await told.textContent()).not.toContain('Team Search');
  expect(await page.getByRole('region', { name: 'Facts' }).textContent()).toContain('Team Search');
  await page.getByText('This agent has no tasks.').waitFor();
  const change = async (name: string) => {
    await page.getByRole('button', { name }).click();
    await page.getByRole('dialog').getByRole('button', { name }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const agent = await api<{ status: string }>(`agents/${id}`);
    const entry = page.getByRole('table', { name: 'Audit log of this agent' }).getByRole('row').nth(1);
    await expect
      .poll(() => entry.textContent())
      .toContain(`agent_runtime_${{ Suspend: 'suspended', Resume: 'resumed', Revoke: 'revoked' }[name]}`);
    return agent.status;
  };
  expect(await change('Suspend')).toBe('suspended');
  await told.getByText('because it is suspended').waitFor();
  expect(await change('Resume')).toBe('active');
  await told.getByText('because it is').waitFor({ state: 'detached' });
  expect(await change('Revoke')).toBe('revoked');
  expect(await page.getByRole('button', { name: 'Suspend' }).count()).toBe(0);
});

it('revokes a task, and keeps the agent', async () => {
  const { page, api, server, signIn } = await openConsole();
  const enrollment = await api<{ token: string }>('enrollment-tokens', { account });
  const agentKey = generateAgentKey();
  const post = async (path: string, body: object, headers = {}) => {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    };
    return (await (await fetch(`${server.url}${path}`, init)).json()) as Record<string, string>;
  };
  const registration = registrationBody(agentKey.publicKey.ssh);
  const headers = { authorization: `Bearer ${enrollment.token}` };
  const { agent_runtime_id: id = '' } = await post('/v1/agent/register', registration, headers);
  const signed = signTaskRegistration({ agentKey, agentRuntimeId: id });
  const { task_id: taskId } = await post(`/v1/agent/${id}/task/register`, signed);
  await signIn();
  await page.getByLabel('Search').fill(id);
  await page.getByRole('table').getByRole('link', { name: id }).click();
  const row = page.getByRole('table', { name: 'Tasks' }).getByRole('row').nth(1);
  expect(await row.textContent()).toContain(`${taskId}live`);
  await row.getByRole('button', { name: `Revoke task ${taskId}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect.poll(() => row.textContent()).toContain(`${taskId}revoked`);
  expect(await api<{ status: string }>(`agents/${id}`)).toMatchObject({ status: 'active' });
});

it('revokes many agents when their number is typed, and says why the authority refuses', async () => {
  const { page, api, signIn } = await openConsole();
  const labels = { team: 'search' };
  const fitting = [await issue(api, { labels }), await issue(api, { labels })];
  const other = await issue(api);
  await signIn();
  await page.getByRole('button', { name: 'Revoke many …' }).click();
  const dialog = page.getByRole('dialog');
  const [count, confirm] = [
    dialog.getByRole('button', { name: 'Count them' }),
    dialog.getByRole('button', { name: 'Revoke them' }),
  ];
  await count.click();
  await dialog.getByText('selector: expected one of').waitFor();
  await dialog.getByLabel('Labels').fill('team=search');
  await count.click();
  await dialog.getByText('2 agents fit.').waitFor();
  expect(await confirm.isDisabled()).toBe(true);
  await dialog.getByLabel('Type 2 to confirm').fill('3');
  expect(await confirm.isDisabled()).toBe(true);
  // One more came meanwhile: nothing is revoked.
  fitting.push(await issue(api, { labels }));
  await dialog.getByLabel('Type 2 to confirm').fill('2');
  await confirm.click();
  await dialog.getByText('(count_mismatch)').waitFor();
  const statuses = () =>
    Promise.all([...fitting, other].map(async (id) => (await api(`agents/${id}`))['status']));
  expect(await statuses()).toEqual(['active', 'active', 'active', 'active']);
  await dialog.getByLabel('Labels').fill('team=search,');
  await count.click();
  await dialog.getByLabel('Type 3 to confirm').fill('3');
  await confirm.click();
  await dialog.getByText('3 agents were revoked.').waitFor();
  expect(await statuses()).toEqual(['revoked', 'revoked', 'revoked', 'active']);
});

it('says that there is no such agent', async () => {
  const { page, signIn } = await openConsole();
  await signIn();
  await page.getByLabel('Search').fill('agent-7');
  await page.getByRole('link', { name: 'Open the agent with the id agent-7' }).click();
  await page.getByText('There is no such agent runtime. (agent_runtime_not_found)').waitFor();
});
