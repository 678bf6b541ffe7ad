// The packaged extension, installed as a user installs it, and used through the page as a person uses it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Person } from './person.mjs';
import { openWorkbench, serverArguments, serverEnvironment } from './workbench.mjs';

const MISSING_BARRIER = 'missingBarrier.hvo';
const READER = 'reader.hvo';
// A bound for what never comes; a busy machine is slow.
const STEP_MILLISECONDS = 90_000;

/** What the person does, in order; each step stands on the one before it. */
const story = [
  [
    'opens a file from the Explorer',
    async (person) => {
      await person.openFromExplorer('fixtures', MISSING_BARRIER);
      await person.seesLanguage('HVO');
    },
  ],
  [
    'sees the missing barrier underlined, and reads why',
    async (person) => {
      await person.seesSquiggle();
      await person.hovers('tlbi(vaale1is', 'vaale1is', /HVO\d+/);
    },
  ],
  [
    'opens the page of the rule from there',
    async (person) => {
      await person.clicksInHover(/HVO\d+/);
      await person.seesReport(/HVO\d+/);
      await person.openFromExplorer('fixtures', MISSING_BARRIER);
    },
  ],
  [
    'finds it in the Problems view',
    async (person) => {
      await person.seesProblem(/HVO\d+/);
    },
  ],
  [
    'mends it with the quick fix',
    async (person) => {
      await person.quickFixes('tlbi(vaale1is', /dsb/i);
      await person.seesNoSquiggle();
      await person.seesLine('dsb(ishst);', 2);
    },
  ],
  [
    'opens another file, and sees outcomes behind its accesses',
    async (person) => {
      await person.openFromExplorer('fixtures', READER);
      await person.seesOutcome('fixed-up');
      await person.seesOutcome('oops');
      await person.seesStatus(/HVO: 2 ok/);
    },
  ],
  [
    'hovers an address, and sees its walk',
    async (person) => {
      await person.hovers('vmemmap_update_pte(H.tail(1)', 'tail', /0x[0-9a-f]{6,}/);
    },
  ],
  [
    'points at an outcome, and runs an execution that ends in it',
    async (person) => {
      await person.hoversOutcome('oops', 'Show one execution');
      await person.clicksInHover('Show one execution');
      await person.seesReport(/oops/);
      await person.closesReport();
    },
  ],
  [
    'runs a scenario with the lens above it',
    async (person) => {
      await person.clicksLens('Run');
      await person.seesReport(/cpu\s?1/i);
    },
  ],
  [
    'explores it with the other lens',
    async (person) => {
      await person.clicksLens('Explore');
      await person.seesReport(/states/);
    },
  ],
  [
    'types nonsense into a scenario, and no outcome of the old text looks fresh',
    async (person) => {
      await person.typesAtEndOf('on fault vmemmap_handle_page_fault', '\ncpu 2 { r1 = load(');
      await person.seesSquiggle();
      await person.seesNoFreshOutcome('fixed-up');
    },
  ],
];

/**
 * @param {object} options
 * @param {{ vscode: string, node: string, chromium: string }} options.server
 * @param {string} options.vsix the packaged extension
 * @param {string} options.folder for what the run writes
 * @param {string} options.workspace the folder that the person opens
 * @param {string} options.shots where a screenshot of each step goes
 * @returns how many steps passed and failed; a step that fails ends the story
 */
export async function drivePage({ server, vsix, folder, workspace, shots }) {
  const extensionsDir = join(folder, 'extensions');
  installVsix(server, vsix, folder, extensionsDir);
  const workbench = await openWorkbench({ server, folder, extensionsDir });
  const { page } = workbench;
  page.setDefaultTimeout(STEP_MILLISECONDS);
  let passed = 0;
  try {
    await page.goto(workbench.url(workspace));
    for (const [title, act] of story) {
      await act(new Person(page));
      passed += 1;
      console.log(`    ✔ ${title}`);
      await page.screenshot({
        path: join(shots, `${String(passed).padStart(2, '0')}-${title.replaceAll(/[^a-z]+/gi, '-')}.png`),
      });
    }
    return { passed, failed: 0 };
  } catch (error) {
    await page.screenshot({ path: join(shots, 'failed.png') });
    console.log(`    ✘ ${story[passed]?.[0]}: ${error.message}\n      test-results/failed.png shows the page`);
    return { passed, failed: 1 };
  } finally {
    await workbench.close();
  }
}

function installVsix(server, vsix, folder, extensionsDir) {
  const directories = { 'server-data-dir': join(folder, 'server-data'), 'extensions-dir': extensionsDir };
  const args = serverArguments(server, directories, ['--install-extension', vsix]);
  const result = spawnSync(server.node, args, {
    encoding: 'utf8',
    env: serverEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.status !== 0) throw new Error(`the .vsix could not be installed:\n${result.stdout}${result.stderr}`);
  console.log(result.stdout.trim().split('\n').at(-1));
}
