import { spawn } from 'node:child_process';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * Starts the demo.
 *
 * @returns {Promise<{ setting(name: string): string, stop(): Promise<number | null> }>} `setting` reads what the demo has
 * printed, `stop` ends it and returns its exit code.
 */
export async function startDemo() {
  const bin = fileURLToPath(new URL('../../../apps/demo/dist/bin.js', import.meta.url));
  const demo = spawn(execPath, [bin], { stdio: ['pipe', 'pipe', 'inherit'] });
  const printed = await new Promise((resolve, reject) => {
    let text = '';
    demo.on('exit', (code) => reject(new Error(`the demo ended with ${code}`)));
    demo.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('The public keys that verify identities')) resolve(text);
    });
  });
  return {
    setting(name) {
      const [, value] = new RegExp(`${name}="?([^\\s"']+)`).exec(printed) ?? [];
      if (value === undefined) throw new Error(`the demo did not print ${name}`);
      return value;
    },
    stop() {
      demo.removeAllListeners('exit');
      const ended = new Promise((resolve) => demo.once('exit', resolve));
      demo.kill('SIGTERM');
      return ended;
    },
  };
}

/**
 * Runs a program for at most 90 s.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ readonly cwd: string, readonly env: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ code: number | null, output: string }>} its exit code, and what it printed to both streams
 */
export function runCaptured(program, args, options) {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), 90_000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}
