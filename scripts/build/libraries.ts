/** What libraries need so that they work as parts of a bundle: plugins for esbuild. */
import { existsSync, readFileSync } from 'node:fs';
import { builtinModules, isBuiltin } from 'node:module';
import { dirname, join, posix } from 'node:path';
import type { Plugin } from 'esbuild';

/** Below a program's folder: the files that its libraries read, as they are in the packages. */
export const LIBRARY_FILES = 'libraries';

/** Files that libraries read by `__dirname`, by package. */
const READ_FILES: Readonly<Record<string, readonly string[]>> = {
  '@grpc/reflection': ['build/proto'],
  'grpc-health-check': ['proto'],
  // What blessed falls back to where the system has no terminfo.
  blessed: ['usr/xterm', 'usr/xterm-256color', 'usr/xterm.termcap', 'usr/xterm.terminfo'],
};

/** The files read by `__dirname` are for parts that no program of ours calls: channelz, orca; texts of large letters. */
const NEVER_READ = [
  '@grpc/grpc-js/build/src/channelz.js',
  '@grpc/grpc-js/build/src/orca.js',
  'blessed/lib/widgets/bigtext.js',
];

/** Wanted in several versions, by libraries that work with the one that the program has: it is there once. */
const ONCE = ['@grpc/proto-loader'];

/** What the bundle takes in place of what node would: modules, of which unused parts can be left out. */
const ENTRIES: Readonly<Record<string, string>> = {
  rxjs: 'dist/esm/index.js',
  '@kubernetes/client-node': 'dist/index.js',
};

/** Of client-node: thousands of modules that do nothing but define, and do not say so. */
const PURE = /^\.\/gen\/index\.js$/;

/** Takes 20 ms to make its patterns of all emoji, which few texts need: it is made when it is first called. */
const LAZY = 'string-width';

/** What fits is replaced. */
type Change = readonly [from: RegExp, to: string];

/** The widgets that blessed has. */
const WIDGETS = [
  'Node',
  'Screen',
  'Element',
  'Box',
  'Text',
  'Line',
  'ScrollableBox',
  'ScrollableText',
  'BigText',
  'List',
  'Form',
  'Input',
  'Textarea',
  'Textbox',
  'Button',
  'ProgressBar',
  'FileManager',
  'Checkbox',
  'RadioSet',
  'RadioButton',
  'Prompt',
  'Question',
  'Message',
  'Loading',
  'Listbar',
  'Log',
  'Table',
  'ListTable',
  'Terminal',
  'Image',
  'ANSIImage',
  'OverlayImage',
  'Video',
  'Layout',
];

const getter = (object: string, key: string, value: string) =>
  `Object.defineProperty(${object}, ${key}, { enumerable: true, configurable: true, get: () => ${value} });`;

/**
 * @grpc/proto-loader describes each message and file in bytes as well, which takes longer than all else that it does. Only a server's
 * reflection of it would ask for them, and ours serves what `buf build` made: so they are made when they are asked for.
 * blessed loads its widgets by names that it puts together, and all of them: here each is loaded when it is asked for.
 */
const CHANGED: Readonly<Record<string, readonly Change[]>> = {
  '@grpc/proto-loader/build/src/index.js': [
    [/const descriptor = (require\("protobufjs\/ext\/descriptor"\));/, 'const descriptor = () => $1;'],
    [/descriptor\.(FileDescriptor(?:Proto|Set))\./g, 'descriptor().$1.'],
    [/Protobuf\.Root\.fromDescriptor\(/, '(descriptor(), Protobuf.Root).fromDescriptor('],
    [
      /const (messageDescriptor|enumDescriptor) = (\w+)\.toDescriptor\('proto3'\);/g,
      'const $1 = () => (descriptor(), $2).toDescriptor("proto3");',
    ],
    [
      /type: (messageDescriptor|enumDescriptor)\.\$type\.toObject\(\1, descriptorOptions\),/g,
      'get type() { const made = $1(); return made.$$type.toObject(made, descriptorOptions); },',
    ],
    [/fileDescriptorProtos: fileDescriptors,/g, 'get fileDescriptorProtos() { return fileDescriptors(); },'],
    [
      /const descriptorList = root\.toDescriptor\('proto3'\)\.file;\s*const bufferList = /,
      'let made; const bufferList = () => made ??= (descriptor(), root).toDescriptor("proto3").file',
    ],
    [/"proto3"\)\.filedescriptorList(\.map\()/, '"proto3").file$1'],
  ],
  'blessed/lib/widget.js': [
    [
      /widget\.classes\.forEach\([\s\S]*?\n\}\);/,
      WIDGETS.flatMap((name) =>
        [name, name.toLowerCase()].map((key) =>
          getter('widget', `'${key}'`, `require('./widgets/${name.toLowerCase()}')`),
        ),
      ).join('\n'),
    ],
    [/widget\[(key|key\.toLowerCase\(\))\] = widget\[name\];/g, getter('widget', '$1', 'widget[name]')],
  ],
  'blessed/lib/blessed.js': [
    [
      /blessed\.helpers\.merge\(blessed, blessed\.widget\);/,
      'Object.defineProperties(blessed, Object.getOwnPropertyDescriptors(blessed.widget));',
    ],
  ],
};

/**
 * The files that are changed, as patterns: esbuild asks for no others. Each question and answer takes it from its work, and there would be
 * thousands.
 */
const LOOKED_AT = [
  ...Object.keys(READ_FILES).map((name) => `${name}/.*\\.js$`),
  ...[...NEVER_READ, ...Object.keys(CHANGED)].map((path) => `${path.replaceAll('.', '\\.')}$`),
];

const INSIDE = Symbol('inside');

/** What a path below node_modules is in its package. */
export function packageOf(
  path: string,
): { readonly folder: string; readonly name: string; readonly file: string } | undefined {
  const [, folder, name, file] = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\/(.*)$/.exec(path) ?? [];
  return folder === undefined || name === undefined || file === undefined ? undefined : { folder, name, file };
}

/** Which of a package's files are to be copied below `LIBRARY_FILES`. */
export function readFilesOf(name: string): readonly string[] {
  return READ_FILES[name] ?? [];
}

/**
 * Node's own modules, taken as `require` takes them. What `import` takes is a copy of all that a module exports, for which its getters are
 * called: of node:http that loads the WebSocket client (35 ms where node itself starts in 25).
 */
export const builtins: Plugin = {
  name: 'builtins',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(?:node:.*|${builtinModules.join('|')})$`) }, ({ path, kind }) =>
      isBuiltin(path)
        ? { path: path.replace(/^node:/, ''), namespace: kind === 'require-call' ? 'required' : 'imported' }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = ${builtin(path)};`,
    }));
    build.onLoad({ filter: /.*/, namespace: 'imported' }, ({ path }) => ({
      contents: [
        `const all = /* @__PURE__ */ (() => ${builtin(path)})();`,
        'export { all as default };',
        ...Object.getOwnPropertyNames(process.getBuiltinModule(path))
          .filter((name) => /^[a-z_$][\w$]*$/i.test(name) && name !== 'default')
          .map((name) => `const _${name} = /* @__PURE__ */ (() => all.${name})(); export { _${name} as ${name} };`),
      ].join('\n'),
    }));
  },
};

function builtin(name: string): string {
  return `process.getBuiltinModule(${JSON.stringify(name)})`;
}

/** Libraries once, and as modules of which unused parts can be left out. */
export function libraries(root: string): Plugin {
  return {
    name: 'libraries',
    setup(build) {
      for (const name of ONCE)
        build.onResolve({ filter: new RegExp(`^${name}$`) }, ({ kind, pluginData }) =>
          pluginData === INSIDE ? undefined : build.resolve(name, { kind, resolveDir: root, pluginData: INSIDE }),
        );
      for (const [name, entry] of Object.entries(ENTRIES))
        build.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({
          path: join(root, 'node_modules', name, entry),
          sideEffects: false,
        }));
      build.onResolve({ filter: PURE }, ({ path, importer, resolveDir }) =>
        importer.includes('/node_modules/@kubernetes/client-node/')
          ? { path: join(resolveDir, path), sideEffects: false }
          : undefined,
      );
      build.onResolve({ filter: new RegExp(`^${LAZY}$`) }, ({ namespace, resolveDir }) =>
        namespace === 'lazy' ? undefined : { path: LAZY, namespace: 'lazy', pluginData: resolveDir },
      );
      build.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path, pluginData }) => ({
        contents: `let call; export default (...args) => (call ??= require(${JSON.stringify(path)}).default)(...args);`,
        resolveDir: pluginData,
      }));
      build.onLoad({ filter: new RegExp(`/node_modules/(?:${LOOKED_AT.join('|')})`) }, ({ path }) => {
        const original = readFileSync(path, 'utf8');
        const text = withChanges(original, path);
        if (text !== original && !text.includes('__dirname')) return { contents: text, loader: 'js' };
        return text.includes('__dirname') ? { contents: withLibraryFiles(text, path), loader: 'js' } : undefined;
      });
    },
  };
}

/** `__dirname` and what follows it lead to the copies. Throws where that cannot be seen, or no copy is made. */
export function withLibraryFiles(text: string, path: string): string {
  const { name, file, folder } = packageOf(path) ?? { name: '', file: path, folder: dirname(path) };
  if (NEVER_READ.includes(`${name}/${file}`)) return text.replaceAll('__dirname', '__libraries');
  const replaced = text.replace(/__dirname(\}\/|, '| \+ '\/)((?:\.\.\/)+[\w/]*)/g, (_, between: string, up: string) => {
    const wanted = posix.join(posix.dirname(file), up);
    const isCopied = readFilesOf(name).some((copied) => copied.startsWith(wanted) || wanted.startsWith(copied));
    if (!isCopied || !existsSync(join(folder, posix.dirname(`${wanted}.`))))
      throw new Error(`${name}/${file} reads ${wanted}, which is not copied: scripts/build/libraries.ts`);
    return `__libraries${between}${name}/${wanted}`;
  });
  if (replaced.includes('__dirname'))
    throw new Error(`${name}/${file} uses __dirname in a new way: scripts/build/libraries.ts has to know it`);
  return replaced;
}

/** Throws where the library has changed, so that a change of ours does not fit any more. */
export function withChanges(text: string, path: string): string {
  const { name, file } = packageOf(path) ?? { name: '', file: '' };
  return (CHANGED[`${name}/${file}`] ?? []).reduce((changed, [from, to]) => {
    const next = changed.replace(from, to);
    if (next === changed) throw new Error(`${name}/${file} has no ${from}: scripts/build/libraries.ts`);
    return next;
  }, text);
}
