import { readFileSync } from 'node:fs';

/**
 * An export or a member of one, with its docstring as it reads without comment marks.
 *
 * @typedef {object} ApiItem
 * @property {string} kind Such as `Function` or `Interface`.
 * @property {string} name With the names around it, such as `AgentKey.sign`.
 * @property {string} file The source file, relative to its package.
 * @property {string} docstring
 */

/**
 * Reads the exports of an entry point, in order, and apart from them all their members.
 *
 * @param {string} modelFile
 */
export function readApiModel(modelFile) {
  /** @type {{ members: [{ members: ModelItem[] }] }} */
  const {
    members: [entryPoint],
  } = JSON.parse(readFileSync(modelFile, 'utf8'));
  return {
    exports: entryPoint.members.map((item) => toApiItem(item, item)),
    members: entryPoint.members.flatMap((item) => membersOf(item, item)),
  };
}

/**
 * @typedef {{ kind: string, name?: string, docComment: string, fileUrlPath: string, members?: ModelItem[] }} ModelItem
 */

/**
 * @param {ModelItem} item
 * @param {ModelItem} top
 * @param {string} [prefix]
 * @returns {ApiItem}
 */
function toApiItem({ kind, name = '(constructor)', docComment }, top, prefix = '') {
  const docstring = docComment.replace(/^\/\*\*|\*\/\s*$/g, '').replaceAll(/^ \* ?/gm, '');
  return { kind, name: `${prefix}${name}`, file: top.fileUrlPath, docstring };
}

/**
 * @param {ModelItem} item
 * @param {ModelItem} top
 * @param {string} [prefix]
 * @returns {ApiItem[]}
 */
function membersOf({ name = '', members = [] }, top, prefix = '') {
  const path = `${prefix}${name}.`;
  return members.flatMap((member) => [toApiItem(member, top, path), ...membersOf(member, top, path)]);
}
