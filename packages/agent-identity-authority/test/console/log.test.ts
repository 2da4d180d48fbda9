import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { expectAccessible, takePicture, useConsole } from '../support/console-browser.js';

const openConsole = useConsole();
const account = {
  account_id: 'account-1',
  chatgpt_user_id: 'user-1',
  plan_type: 'business',
  is_fedramp: false,
};

const rowsOf = (page: Page) => page.getByRole('table', { name: 'Log' }).getByRole('row');
const cardOf = (page: Page) => page.getByRole('region', { name: 'Checkpoint' });

it('lists the audit log, filters it, and shows new entries as they come', async () => {
  const { page, api, signIn, problems } = await openConsole();
  const { agent_runtime_id: id } = await api('agents', { account });
  await api('agents', { account });
  await signIn();
  await page.getByRole('link', { name: 'Log' }).click();
  await expect.poll(() => rowsOf(page).nth(1).textContent()).toContain('agent_runtime_added');
  const before = await rowsOf(page).count();
  await api(`agents/${id}/suspend`, {});
  await expect.poll(() => rowsOf(page).count(), { timeout: 20_000 }).toBe(before + 1);
  expect(await rowsOf(page).nth(1).textContent()).toContain('agent_runtime_suspended');
  await page.getByLabel('Agent id').fill(String(id));
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await expect.poll(() => rowsOf(page).count()).toBe(3);
  await page.getByLabel('Action').selectOption('agent_runtime_added');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await expect.poll(() => rowsOf(page).count()).toBe(2);
  await rowsOf(page)
    .nth(1)
    .getByRole('link', { name: String(id) })
    .click();
  await page.getByRole('heading', { level: 1, name: `Agent ${id}` }).waitFor();
  expect(problems).toEqual([]);
});

it('loads older entries, and stops following then', async () => {
  const { page, api, signIn } = await openConsole();
  for (let i = 0; i < 52; i += 1) await api('enrollment-tokens', { account });
  await signIn();
  await page.getByRole('link', { name: 'Log' }).click();
  await expect.poll(() => rowsOf(page).count()).toBe(51);
  expect(await page.getByLabel('Follow the log').isChecked()).toBe(true);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect.poll(() => rowsOf(page).count()).toBeGreaterThan(52);
  expect(await page.getByLabel('Follow the log').isChecked()).toBe(false);
});

it('verifies the checkpoint, its continuation and an entry in the page, and nothing that was changed', async () => {
  const { page, api, signIn } = await openConsole();
  for (let i = 0; i < 5; i += 1) await api('enrollment-tokens', { account });
  const report = await api<{ verifier_key: string }>('audit/verify', {});
  await signIn();
  await page.getByRole('link', { name: 'Log' }).click();
  await cardOf(page).getByText('The signature was not checked').waitFor();
  await page.getByRole('button', { name: 'Verify entry 3' }).click();
  await page.getByText('Give the verifier key of the log first.').waitFor();
  await page.keyboard.press('Escape');
  await page.getByLabel('Verifier key').fill(report.verifier_key.replace(/\+[0-9a-f]{8}\+/, '+00000000+'));
  await cardOf(page).getByText('verifier key: expected NAME+HASH+KEY').waitFor();
  await page.getByLabel('Verifier key').fill('');
  await page.getByRole('button', { name: 'Let the authority verify the whole log' }).click();
  await cardOf(page).getByText('The authority says: intact').waitFor();
  expect(await page.getByLabel('Verifier key').inputValue()).toBe(report.verifier_key);
  await cardOf(page).getByText('the key of the log signed this checkpoint.').waitFor();
  await page.getByRole('button', { name: 'Verify entry 3' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('has entry 3 exactly as it is shown here').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await api('enrollment-tokens', { account });
  await cardOf(page)
    .getByText(/Nothing in its first \d+ entries has changed/)
    .waitFor();

  // Whoever sits between the page and the log shows another actor: the proof fails.
  await page.route('**/v1/admin/audit?*', async (route) => {
    const response = await route.fetch();
    await route.fulfill({
      response,
      body: (await response.text()).replaceAll('administrator:administrators', 'administrator:alice'),
    });
  });
  await expect
    .poll(() => rowsOf(page).nth(1).textContent(), { timeout: 20_000 })
    .toContain('administrator:alice');
  await page.getByRole('button', { name: 'Verify entry 3' }).click();
  await dialog.getByText('it does not lead to the root hash').waitFor();
  await page.keyboard.press('Escape');
  // Nor does a checkpoint that someone else has changed.
  await page.route('**/v1/audit/log/checkpoint', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace(/\n\d+\n/, '\n4\n') });
  });
  await api('enrollment-tokens', { account });
  await cardOf(page).getByText('expected a signature by the key of the log').waitFor();
});

it('says that the authority found the log changed', async () => {
  const { page, signIn } = await openConsole();
  await signIn();
  await page.route('**/v1/admin/audit/verify', (route) =>
    route.fulfill({
      json: {
        intact: false,
        entries: 3,
        checkpoint: null,
        verifier_key: null,
        problems: [{ kind: 'entry_changed', index: 2 }],
      },
    }),
  );
  await page.getByRole('link', { name: 'Log' }).click();
  await page.getByRole('button', { name: 'Let the authority verify the whole log' }).click();
  await page.getByText('The authority says: not intact. entry_changed at entry 2.').waitFor();
});

it.each(['light', 'dark'] as const)('axe finds nothing in the %s scheme', async (colorScheme) => {
  for (const [name, width] of [
    ['phone', 360],
    ['wide', 1280],
  ] as const) {
    const { page, api, signIn } = await openConsole(
      {},
      { colorScheme, viewport: { width, height: 900 }, bypassCSP: true },
    );
    const { agent_runtime_id: id } = await api('agents', { account });
    await api(`agents/${id}/suspend`, {});
    await signIn();
    await page.getByRole('link', { name: 'Log' }).click();
    await page.getByRole('button', { name: 'Let the authority verify the whole log' }).click();
    await cardOf(page).getByText('the key of the log signed this checkpoint.').waitFor();
    await takePicture(page, `log-${colorScheme}-${name}`);
    await expectAccessible(page, `log ${width}`);
    await page.getByRole('button', { name: 'Verify entry 1', exact: true }).click();
    await page.getByText('exactly as it is shown here').waitFor();
    await takePicture(page, `proof-${colorScheme}-${name}`);
    await expectAccessible(page, `proof ${width}`);
    await page.context().close();
  }
});
