import { listenOnLoopback } from 'test-support';
import { expect, it, onTestFinished } from 'vitest';
import { runScenario } from '../dist/scenario/run-scenario.js';
import { type LoopbackServers, openLoopbackServers } from '../dist/servers/loopback-servers.js';
import type { TimelineEntry } from '../dist/timeline/timeline.js';

async function runWith(change: (servers: LoopbackServers) => LoopbackServers | Promise<LoopbackServers>) {
  const servers = await openLoopbackServers();
  onTestFinished(() => servers.close());
  const entries: TimelineEntry[] = [];
  const result = await runScenario(await change(servers), (entry) => entries.push(entry));
  return { ...result, failedTitles: entries.filter(({ passed }) => !passed).map(({ title }) => title) };
}

it('a provider that verifies nothing fails every step that expects a refusal', async () => {
  const providerUrl = `${await listenOnLoopback((_request, response) => response.end('{}'))}/v1`;
  const { steps, failed, failedTitles } = await runWith((servers) => ({ ...servers, providerUrl }));
  expect(steps).toBe(19);
  expect(failedTitles).toContain('The task id is changed after signing');
  expect(failedTitles).toContain('The authority has revoked the runtime');
  expect(failed).toBe(failedTitles.length);
  expect(failedTitles).toHaveLength(10);
});

it('an unreachable authority ends the scenario at its first request', async () => {
  const { steps, failedTitles } = await runWith((servers) => ({
    ...servers,
    authorityUrl: 'http://127.0.0.1:1',
  }));
  expect(steps).toBe(2);
  expect(failedTitles).toEqual(['The agent fetches the public signing keys and verifies the JWT']);
});
