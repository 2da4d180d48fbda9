import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { temporaryFolder } from 'test-support';
import { onTestFinished } from 'vitest';

const require = createRequire(import.meta.url);
const workerd: string = require('workerd').default;

/** What a Worker may use besides web standards. */
export type NodeCompatibility = 'with Node.js modules' | 'without Node.js modules';

/**
 * Bundles the source of a Worker and runs it in workerd until the test is over; returns its origin. The Worker reaches
 * loopback addresses only.
 */
export async function startWorker(source: string, compatibility: NodeCompatibility): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'worker.js'), await bundleForWorkers(source, compatibility));
  await writeFile(join(folder, 'worker.capnp'), workerdConfig(compatibility));
  const child = spawn(workerd, ['serve', '--control-fd=3', join(folder, 'worker.capnp')], {
    stdio: ['ignore', 'inherit', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  const problems = text(child.stderr as Readable);
  const listening = once(child.stdio[3] as Readable, 'data').then(([line]) => JSON.parse(String(line)));
  const failed = ended.then(async () => {
    throw new Error(`the Worker did not start: ${await problems}`);
  });
  const { port } = (await Promise.race([listening, failed])) as { port: number };
  return `http://127.0.0.1:${port}`;
}

function workerdConfig(compatibility: NodeCompatibility): string {
  const flags = compatibility === 'with Node.js modules' ? '"nodejs_compat"' : '';
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "loopback", network = (allow = ["local"])),
    (name = "worker", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "2026-01-01",
      compatibilityFlags = [${flags}],
      globalOutbound = "loopback",
    )),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);`;
}

async function bundleForWorkers(contents: string, compatibility: NodeCompatibility): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
    bundle: true,
    format: 'esm',
    target: 'es2023',
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    external: compatibility === 'with Node.js modules' ? ['node:*'] : [],
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}
