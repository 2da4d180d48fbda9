import { expect, it } from 'vitest';
import { expectAccessible, takePicture, useConsole } from '../support/console-browser.js';
import { serverAdminToken, startServer } from '../support/start-server.js';

const openConsole = useConsole();
const account = {
  account_id: 'account-1',
  chatgpt_user_id: 'user-1',
  plan_type: 'business',
  is_fedramp: false,
};

it('shows the metrics live', async () => {
  const { page, api, server, signIn, problems } = await openConsole();
  await api('agents', { account });
  await signIn();
  await page.getByRole('link', { name: 'Health' }).click();
  await expect.poll(() => page.getByRole('region', { name: 'Memory' }).textContent()).toMatch(/\d+ MiB/);
  const rows = page.getByRole('region', { name: 'In the store' });
  expect(await rows.textContent()).toMatch(/Agents1.*Age of the newest signing key0 days/);
  const requests = page.getByRole('region', { name: 'Requests', exact: true });
  // The page itself asks.
  await expect
    .poll(() => requests.locator('.figure').textContent(), { timeout: 20_000 })
    .toMatch(/^[0-9.]*[1-9][0-9.]* per second$/);
  expect(await requests.getByRole('img').getAttribute('aria-label')).toMatch(
    /^Requests: between .* and .* per second$/,
  );
  await fetch(`${server.url}/other`);
  await api('agents', { account });
  await expect.poll(() => rows.textContent(), { timeout: 20_000 }).toContain('Agents2');
  const unmatched = page
    .getByRole('table', { name: 'Requests since the start' })
    .getByRole('row', { name: 'unmatched' });
  expect(await unmatched.textContent()).toMatch(/OTHER unmatched110/);
  expect(problems).toEqual([]);
});

it('is for administrators: the route of the metrics needs their token', async () => {
  const { url } = await startServer();
  const read = (headers = {}) => fetch(`${url}/v1/admin/metrics`, { headers });
  expect((await read()).status).toBe(401);
  const response = await read({ authorization: `Bearer ${serverAdminToken}` });
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await response.text()).toContain('agent_identity_authority_http_requests_total');
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object };
  expect(paths).toHaveProperty('/v1/admin/metrics');
});

it.each(['light', 'dark'] as const)('axe finds nothing in the %s scheme', async (colorScheme) => {
  for (const [name, width] of [
    ['phone', 360],
    ['wide', 1280],
  ] as const) {
    const { page, signIn } = await openConsole(
      {},
      { colorScheme, viewport: { width, height: 900 }, bypassCSP: true },
    );
    await signIn();
    await page.getByRole('link', { name: 'Health' }).click();
    const requests = page.getByRole('region', { name: 'Requests', exact: true });
    await expect.poll(() => requests.textContent(), { timeout: 20_000 }).toContain('per second');
    await takePicture(page, `health-${colorScheme}-${name}`);
    await expectAccessible(page, `health ${width}`);
    await page.context().close();
  }
});
