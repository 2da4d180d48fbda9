import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { runScenario } from '../dist/scenario/run-scenario.js';
import { type LoopbackServers, openLoopbackServers } from '../dist/servers/loopback-servers.js';
import type { TimelineEntry } from '../dist/timeline/timeline.js';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function runWith(change: (servers: LoopbackServers) => LoopbackServers | Promise<LoopbackServers>) {
  const servers = await openLoopbackServers();
  open.push(servers);
  const entries: TimelineEntry[] = [];
  const result = await runScenario(await change(servers), (entry) => entries.push(entry));
  return { ...result, failedTitles: entries.filter(({ passed }) => !passed).map(({ title }) => title) };
}

/** A provider that accepts every request. */
async function openAcceptingProvider(): Promise<string> {
  const server = createServer((_request, response) => response.end('{}'));
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

it('a provider that verifies nothing fails every step that expects a refusal', async () => {
  const providerUrl = await openAcceptingProvider();
  const { steps, failed, failedTitles } = await runWith((servers) => ({ ...servers, providerUrl }));
  expect(steps).toBe(15);
  expect(failedTitles).toContain('The task id is changed after signing');
  expect(failedTitles).toContain('The authority has revoked the runtime');
  expect(failed).toBe(failedTitles.length);
  expect(failedTitles).toHaveLength(8);
});

it('an unreachable authority ends the scenario at its first request', async () => {
  const { steps, failedTitles } = await runWith((servers) => ({
    ...servers,
    authorityUrl: 'http://127.0.0.1:1',
  }));
  expect(steps).toBe(2);
  expect(failedTitles).toEqual(['The agent fetches the public signing keys and verifies the JWT']);
});
