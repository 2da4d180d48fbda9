import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { type Claim, claimText, isReached } from './claim.js';
import { compareDatabase } from './database/compare-database.js';
import { measureImportCost } from './import-cost.js';
import { signedInstanceAssertions, verifiedInstanceAssertions } from './instance-assertions.js';
import { jwtVerifications } from './jwt-verification.js';
import { type Measurement, measure } from './measure.js';
import { measureMemory } from './measure-memory.js';
import { stopServers } from './requests.js';
import { measureRunStart } from './run-start.js';
import { measureBroker, measureMiddleware } from './servers.js';
import { headersOfNewSeconds, headersWithinOneSecond } from './signing.js';
import { distinctAssertions, parsing, repeatedAssertions } from './verifying.js';

/** The operations that a claim is about, the baseline first. */
interface Group {
  readonly title: string;
  readonly measurements: readonly Measurement[];
  readonly claim: Claim;
  readonly reached: boolean;
}

/** What importing each package may cost, as a part of what importing jose costs. */
const importLimits: Readonly<Record<string, number>> = {
  'agent-identity-core': 0.4,
  'agent-identity-registry': 1.2,
  'agent-identity-jwt': 1.2,
  'chatgpt-auth': 1.2,
  'provider-auth': 1.2,
};

async function main(): Promise<void> {
  const groups = [...(await compareOperations()), ...(await compareServers())];
  for (const { title, measurements, claim } of await compareDatabase())
    groups.push(judge(title, measurements, claim));
  const peers = ['zod', '@noble/curves/ed25519.js', 'jose'];
  const importMilliseconds = measureImportCost([...Object.keys(importLimits), ...peers]);
  reportImports(importMilliseconds);

  const slowImports = Object.keys(importLimits).filter((name) => !isCheap(importMilliseconds, name));
  const missed = groups.filter(({ reached }) => !reached).length + slowImports.length;
  writeResults({
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    date: new Date().toISOString().slice(0, 10),
    groups,
    importMilliseconds,
  });
  console.log(missed === 0 ? '\nAll claims hold.' : `\n${missed} claims do not hold.`);
  process.exitCode = missed === 0 ? 0 : 1;
}

async function compareOperations(): Promise<Group[]> {
  return [
    await compare('Signing a header for a new second each time', headersOfNewSeconds, {
      operation: 'createAssertionSigner, new second each time',
      atLeast: 0.95,
    }),
    await compare('Signing headers within one second', headersWithinOneSecond, {
      operation: 'createAssertionSigner, same second',
      atLeast: 30,
    }),
    await compare('Verifying distinct assertions', distinctAssertions, {
      operation: 'agent-identity-core, parse and verify the header',
      atLeast: 0.9,
    }),
    await compare('Verifying a repeated assertion', repeatedAssertions, {
      operation: 'agent-identity-verifier, repeated header',
      atLeast: 20,
    }),
    await compare('Parsing an assertion', parsing, {
      operation: 'parseAgentAssertion of the header',
      atLeast: 0.3,
    }),
    await compare('Signing an instance assertion', signedInstanceAssertions, {
      operation: 'createInstanceAssertionSigner',
      atLeast: 0.9,
    }),
    await compare('Verifying distinct instance assertions', verifiedInstanceAssertions, {
      operation: 'parseInstanceAssertion, verifyInstanceAssertion',
      atLeast: 0.85,
    }),
    await compare('Verifying an Agent Identity JWT', await jwtVerifications(), {
      operation: 'agent-identity-jwt',
      atLeast: 0.95,
    }),
  ];
}

/** Requests by 32 connections, unless something else is said; each server has a process of its own. */
async function compareServers(): Promise<Group[]> {
  try {
    const proxies = await measureBroker();
    const broker = { operation: 'agent-identity-broker', atLeast: 0.8 };
    return [
      judge('node:http, of 20 assertions one new', await measureMiddleware('node', 'node:http'), {
        operation: 'node:http with requireAgent',
        atLeast: 0.85,
      }),
      judge('Hono, of 20 assertions one new', await measureMiddleware('hono', 'Hono'), {
        operation: 'Hono with requireAgent',
        atLeast: 0.85,
      }),
      judge('The start of a run, at a server that answers after 10 ms', await measureRunStart(), {
        operation: 'loadAuth from a JWT',
        atLeast: 1 / 1.2,
      }),
      judge('The heap, in kB, while a million distinct assertions are verified', await measureMemory(), {
        operation: 'after 1,000,000',
        atLeast: 0.9,
      }),
      judge('A signing proxy', proxies.load, broker),
      judge('A signing proxy, one request at a time', proxies.single, broker),
    ];
  } finally {
    await stopServers();
  }
}

async function compare(
  title: string,
  operations: Parameters<typeof measure>[0],
  claim: Claim,
): Promise<Group> {
  return judge(title, await measure(operations), claim);
}

function judge(title: string, measurements: readonly Measurement[], claim: Claim): Group {
  const reached = isReached(claim, measurements);
  report(title, measurements, claim, reached);
  return { title, measurements, claim, reached };
}

function report(title: string, measurements: readonly Measurement[], claim: Claim, reached: boolean): void {
  console.log(`\n${title}`);
  for (const { name, nanoseconds, ratio } of measurements) {
    const claimed =
      name === claim.operation ? `  ${claimText(claim)}: ${reached ? 'reached' : 'MISSED'}` : '';
    const time = `${(nanoseconds / 1000).toFixed(2)} µs`.padStart(14);
    console.log(`  ${name.padEnd(52)}${time}${ratio.toFixed(2).padStart(9)}×${claimed}`);
  }
}

function reportImports(milliseconds: Readonly<Record<string, number>>): void {
  console.log('\nTime that an import adds to an empty Node program');
  for (const [name, cost] of Object.entries(milliseconds)) {
    const limit = importLimits[name];
    const claimed =
      limit === undefined ? '' : `  at most ${limit}: ${isCheap(milliseconds, name) ? 'reached' : 'MISSED'}`;
    const ratio = importRatio(milliseconds, name).toFixed(2).padStart(9);
    console.log(`  ${name.padEnd(52)}${cost.toFixed(1).padStart(9)} ms${ratio}×${claimed}`);
  }
}

/** As a part of what importing jose costs. */
function isCheap(milliseconds: Readonly<Record<string, number>>, name: string): boolean {
  return importRatio(milliseconds, name) <= (importLimits[name] ?? Number.POSITIVE_INFINITY);
}

function importRatio(milliseconds: Readonly<Record<string, number>>, name: string): number {
  return (milliseconds[name] ?? 0) / (milliseconds['jose'] ?? 1);
}

function writeResults(results: object): void {
  const file = join(import.meta.dirname, '..', 'results.json');
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

await main();
