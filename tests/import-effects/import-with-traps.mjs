/**
 * Imports the modules that are given as arguments and prints, as JSON, which of our modules call something while they
 * load that Workers forbid there or that a library must not do by itself: timers, requests, controllers, random values,
 * the time, the console.
 */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';

/** @type {Set<string>} */
const calls = new Set();
/** @type {[object, string[]][]} */
const traps = [
  [globalThis, ['fetch', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'AbortController']],
  [AbortSignal, ['timeout', 'any', 'abort']],
  [globalThis.crypto, ['getRandomValues', 'randomUUID']],
  [crypto, ['randomUUID', 'randomBytes', 'randomInt', 'generateKeyPair', 'generateKeyPairSync']],
  [Math, ['random']],
  [Date, ['now']],
  [performance, ['now']],
  [console, ['log', 'info', 'warn', 'error', 'debug']],
];
for (const [owner, names] of traps) for (const name of names) trap(owner, name);
syncBuiltinESMExports();

for (const url of process.argv.slice(2)) await import(url);
process.stdout.write(JSON.stringify([...calls]));

/**
 * @param {object} owner
 * @param {string} name
 */
function trap(owner, name) {
  const original = Reflect.get(owner, name);
  const record = () => {
    const caller = /** @type {string} */ (new Error().stack).split('\n')[3] ?? '';
    const [, place] = /\/packages\/([^)]*)/.exec(caller) ?? [];
    if (place !== undefined) calls.add(`${place} ${name}`);
  };
  const wrapper = new Proxy(original, {
    apply(target, self, args) {
      record();
      return Reflect.apply(target, self, args);
    },
    construct(target, args) {
      record();
      return Reflect.construct(target, args);
    },
  });
  Object.defineProperty(owner, name, { value: wrapper, configurable: true, writable: true });
}
