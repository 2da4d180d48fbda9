import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { publishedPackages } from 'test-support/published-packages';

/**
 * The public API of one entry point.
 *
 * @typedef {object} PublicApi
 * @property {string} packageName
 * @property {string} specifier What a program imports, such as `agent-identity-core/wire`.
 * @property {string} reportFile The API report, in Markdown.
 * @property {string} modelFile The same with docstrings, in API Extractor's JSON.
 * @property {string[]} unexported Names that the API uses and the entry point does not export.
 */

/**
 * Extracts the public API of every entry point from the declarations in `dist`. Writes a report and a model of each
 * into a folder, in a subfolder per package.
 *
 * @param {string} folder
 * @returns {PublicApi[]}
 */
export function extractPublicApi(folder) {
  const described = publishedPackages.flatMap(({ name, folder: projectUrl, entryPoints }) => {
    const outputFolder = join(folder, name);
    mkdirSync(outputFolder);
    return entryPoints.map(({ specifier, targets }) => ({
      packageName: name,
      specifier,
      projectFolder: fileURLToPath(projectUrl),
      declaration: fileURLToPath(new URL(targets['types'] ?? '', projectUrl)),
      outputFolder,
    }));
  });
  const declarations = described.map(({ declaration }) => declaration);
  /** @type {CompilerState | undefined} */
  let compilerState;
  return described.map((entryPoint) => {
    const config = prepareConfig(entryPoint, declarations);
    compilerState ??= CompilerState.create(config, { additionalEntryPoints: declarations });
    const { packageName, specifier } = entryPoint;
    const [reportFile, modelFile] = [config.reportFilePath, config.apiJsonFilePath];
    return { packageName, specifier, reportFile, modelFile, unexported: runExtractor(config, compilerState) };
  });
}

/**
 * @param {{ specifier: string, projectFolder: string, declaration: string, outputFolder: string }} entryPoint
 * @param {string[]} files
 */
function prepareConfig({ specifier, projectFolder, declaration, outputFolder }, files) {
  const reportFileName = specifier.replaceAll('/', '.');
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder,
      mainEntryPointFilePath: declaration,
      compiler: { overrideTsconfig: { compilerOptions, files } },
      apiReport: {
        enabled: true,
        reportFileName,
        reportFolder: outputFolder,
        reportTempFolder: outputFolder,
      },
      docModel: { enabled: true, apiJsonFilePath: join(outputFolder, `${reportFileName}.api.json`) },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: { extractorMessageReporting: reported, tsdocMessageReporting: { default: silent } },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(projectFolder, 'package.json'),
  });
}

const compilerOptions = {
  target: 'es2023',
  module: 'nodenext',
  lib: ['es2023', 'es2024.string', 'dom', 'dom.iterable'],
  types: ['node'],
  strict: true,
  skipLibCheck: true,
};

const silent = { logLevel: /** @type {any} */ ('none') };
const reported = { default: silent, 'ae-forgotten-export': { logLevel: /** @type {any} */ ('warning') } };

/**
 * Runs API Extractor on an entry point; returns the names that it uses and does not export.
 *
 * @param {ExtractorConfig} config
 * @param {CompilerState} compilerState
 */
function runExtractor(config, compilerState) {
  /** @type {string[]} */
  const unexported = [];
  const { errorCount } = Extractor.invoke(config, {
    localBuild: true,
    compilerState,
    messageCallback(message) {
      if (message.messageId === 'ae-forgotten-export')
        unexported.push(/"(.*)"/.exec(message.text)?.[1] ?? '');
      message.handled = message.logLevel !== 'error';
    },
  });
  if (errorCount > 0) throw new Error(`API Extractor failed for ${config.mainEntryPointFilePath}`);
  return unexported;
}
