import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type LoopbackWorld, openLoopbackWorld } from '../dist/servers/loopback-world.js';
import { actStory } from '../dist/story/story.js';
import type { TimelineEntry } from '../dist/timeline/timeline.js';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function actIn(change: (world: LoopbackWorld) => LoopbackWorld | Promise<LoopbackWorld>) {
  const world = await openLoopbackWorld();
  open.push(world);
  const entries: TimelineEntry[] = [];
  const ending = await actStory(await change(world), (entry) => entries.push(entry));
  return { ...ending, failed: entries.filter(({ asTold }) => !asTold).map(({ title }) => title) };
}

/** A provider that lets everything pass. */
async function credulousProvider(): Promise<string> {
  const server = createServer((_request, response) => response.end('{}'));
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

test('a provider that verifies nothing makes every refusal a step that did not go as told', async () => {
  const providerUrl = await credulousProvider();
  const { steps, notAsTold, failed } = await actIn((world) => ({ ...world, providerUrl }));
  expect(steps).toBe(15);
  expect(failed).toContain('The task id is changed after signing');
  expect(failed).toContain('The authority has revoked the runtime');
  expect(notAsTold).toBe(failed.length);
  expect(failed).toHaveLength(8);
});

test('an authority that is not there ends the story at its first request', async () => {
  const { steps, failed } = await actIn((world) => ({ ...world, authorityUrl: 'http://127.0.0.1:1' }));
  expect(steps).toBe(2);
  expect(failed).toEqual(['The agent fetches the public signing keys and verifies the JWT']);
});
