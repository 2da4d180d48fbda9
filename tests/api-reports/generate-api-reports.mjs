import { fileURLToPath } from 'node:url';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { publishedPackages } from '../published-packages.mjs';

/**
 * Writes the API reports of packages, one per entry point, from the declarations in their `dist` folders. Returns, for
 * each entry point, the names that its API uses and does not export.
 *
 * @param {(packageName: string) => string} folderOf Returns where the reports of a package go, an existing folder.
 */
export function generateApiReports(folderOf) {
  const declarations = reportedEntryPoints.map(({ declaration }) => declaration);
  /** @type {CompilerState | undefined} */
  let compilerState;
  return reportedEntryPoints.map((entryPoint) => {
    const config = prepareConfig(entryPoint, declarations, folderOf(entryPoint.packageName));
    compilerState ??= CompilerState.create(config, { additionalEntryPoints: declarations });
    return { packageName: entryPoint.packageName, unexported: writeReport(config, compilerState) };
  });
}

/** @typedef {{ packageName: string, projectFolder: string, reportName: string, declaration: string }} ReportedEntryPoint */

/** @type {ReportedEntryPoint[]} */
const reportedEntryPoints = publishedPackages.flatMap(({ name, folder, entryPoints }) =>
  entryPoints.map(({ specifier, targets }) => ({
    packageName: name,
    projectFolder: fileURLToPath(folder),
    reportName: specifier.replaceAll('/', '.'),
    declaration: fileURLToPath(new URL(targets['types'] ?? '', folder)),
  })),
);

/**
 * @param {ReportedEntryPoint} entryPoint
 * @param {string[]} files
 * @param {string} reportFolder
 */
function prepareConfig({ projectFolder, reportName, declaration }, files, reportFolder) {
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder,
      mainEntryPointFilePath: declaration,
      compiler: { overrideTsconfig: { compilerOptions, files } },
      apiReport: { enabled: true, reportFileName: reportName, reportFolder, reportTempFolder: reportFolder },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: { extractorMessageReporting: reported, tsdocMessageReporting: { default: silent } },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: `${projectFolder}package.json`,
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
 * @param {ExtractorConfig} config
 * @param {CompilerState} compilerState
 */
function writeReport(config, compilerState) {
  /** @type {string[]} */
  const names = [];
  const { errorCount } = Extractor.invoke(config, {
    localBuild: true,
    compilerState,
    messageCallback(message) {
      if (message.messageId === 'ae-forgotten-export') names.push(/"(.*)"/.exec(message.text)?.[1] ?? '');
      message.handled = message.logLevel !== 'error';
    },
  });
  if (errorCount > 0) throw new Error(`API Extractor failed for ${config.mainEntryPointFilePath}`);
  return names;
}
