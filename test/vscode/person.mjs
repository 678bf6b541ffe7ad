// What a person can do and see in the workbench: by what is on the screen, never by VS Code's API.

/** A step of the pointer that is too short does not count as one: a hover takes two moves. */
const NEAR_PIXELS = 3;
const APPEARS_MILLISECONDS = 4_000;
const UNTIL_MILLISECONDS = 90_000;

/** A place in the title bar, where the pointer is over nothing. */
const NEUTRAL_PLACE = [300, 17];

export class Person {
  #page;

  constructor(page) {
    this.#page = page;
  }

  async openFromExplorer(folder, name) {
    const file = this.#page.getByRole('treeitem', { name });
    if (!(await file.isVisible())) await this.#page.getByRole('treeitem', { name: folder }).click();
    await file.dblclick();
    await this.#page.getByRole('tab', { name }).waitFor();
  }

  async seesLanguage(name) {
    await this.#page.locator('#status\\.editor\\.mode', { hasText: name }).waitFor();
  }

  async seesStatus(text) {
    await this.#page.locator('.statusbar-item', { hasText: text }).waitFor();
  }

  async seesSquiggle() {
    await this.#page.locator('.squiggly-error').first().waitFor();
  }

  async seesNoSquiggle() {
    await this.#page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
  }

  async seesProblem(text) {
    await this.#page.keyboard.press('Control+Shift+KeyM');
    await this.#page.locator('.markers-panel .monaco-list-row', { hasText: text }).first().waitFor();
    await this.#page.keyboard.press('Control+Shift+KeyM');
    await this.#page.locator('.markers-panel').waitFor({ state: 'hidden' });
  }

  /** Sees a line of the editor with this text, so many times. */
  async seesLine(text, times) {
    await this.#until(`${times} lines with ${text}`, async () => (await this.#line(text).count()) === times);
  }

  /** Points at a word in a line, and reads the hover. */
  async hovers(line, word, text) {
    await this.#hoversAt(`the word ${word}`, () => this.#placeOf(line, word), text);
  }

  /** Points at an outcome behind a line, and reads the hover. */
  async hoversOutcome(outcome, text) {
    const place = async () => (await this.#outcomes(outcome))[0]?.place ?? NEUTRAL_PLACE;
    await this.#hoversAt(`the outcome ${outcome}`, place, text);
  }

  /** Clicks a link of the hover that is there. */
  async clicksInHover(text) {
    await this.#page.locator('.monaco-hover:visible a', { hasText: text }).first().click();
  }

  /** Puts the cursor into a line, opens its quick fixes and takes the one with this title. */
  async quickFixes(line, title) {
    const word = line.split('(')[0];
    const fix = this.#page.locator('.action-widget .monaco-list-row', { hasText: title }).first();
    await this.#until(`a quick fix with ${title}`, async () => {
      await this.#clicks(line, word);
      await this.#page.keyboard.press('Control+Period');
      return appears(fix);
    });
    await fix.click();
  }

  async clicksLens(title) {
    await this.#page.locator('.codelens-decoration a', { hasText: title }).first().click();
  }

  /** Sees a report, in front of the source or beside it. */
  async seesReport(text) {
    await this.#report().locator('.view-line', { hasText: text }).first().waitFor();
  }

  async closesReport() {
    await this.#report().locator('.tab.active').click({ button: 'middle' });
    await this.#report().waitFor({ state: 'detached' });
  }

  async typesAtEndOf(line, text) {
    const words = line.trim().split(' ');
    await this.#clicks(line, words.at(-1));
    await this.#page.keyboard.press('End');
    await this.#page.keyboard.type(text);
  }

  async seesOutcome(text) {
    await this.#until(`an outcome with ${text}`, async () =>
      (await this.#outcomes(text)).some((outcome) => !outcome.stale),
    );
  }

  async seesNoFreshOutcome(text) {
    await this.#until(`no fresh outcome with ${text}`, async () =>
      (await this.#outcomes(text)).every((outcome) => outcome.stale),
    );
  }

  /** Outcomes are drawn by the style sheet, behind the line: they are in no element's text. */
  async #outcomes(text) {
    const spans = this.#page.locator('.view-line span[class*="ced-"]');
    const drawn = await spans.evaluateAll((elements) =>
      elements.map((element) => {
        const { content, fontStyle } = getComputedStyle(element, '::after');
        const { right, top, bottom } = element.getBoundingClientRect();
        return { content, stale: fontStyle === 'italic', place: [right - 20, (top + bottom) / 2] };
      }),
    );
    return drawn.filter(({ content }) => content.includes(text));
  }

  /** Points at a place until a hover with this text is there: one goes away when the page moves below it. */
  async #hoversAt(what, place, text) {
    const hover = this.#page.locator('.monaco-hover:visible', { hasText: text });
    await this.#until(`a hover with ${text} on ${what}`, async () => {
      const [x, y] = await place();
      await this.#page.mouse.move(...NEUTRAL_PLACE);
      await this.#page.mouse.move(x - NEAR_PIXELS, y);
      await this.#page.mouse.move(x, y, { steps: NEAR_PIXELS });
      return appears(hover);
    });
  }

  /** Clicks on a word, once no hover lies over it, until the cursor is there: a click while a panel closes gets lost. */
  async #clicks(line, word) {
    await this.#page.mouse.move(...NEUTRAL_PLACE);
    await this.#page.locator('.monaco-hover:visible').first().waitFor({ state: 'detached' });
    const number = this.#page.locator('.line-numbers.active-line-number');
    await this.#until(`the cursor on the line with ${line}`, async () => {
      const [x, y] = await this.#placeOf(line, word);
      await this.#page.mouse.click(x, y);
      const box = await number.first().boundingBox();
      return box !== null && box.y <= y && y <= box.y + box.height;
    });
  }

  /** The pixel in the middle of a word, measured in its text: what is drawn behind the line has a width, but no text. */
  async #placeOf(line, word) {
    const element = this.#line(line).first();
    await element.waitFor();
    return element.evaluate((root, wanted) => {
      const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      let offset = root.textContent.indexOf(wanted) + Math.floor(wanted.length / 2);
      let node = texts.nextNode();
      while (node.length <= offset) {
        offset -= node.length;
        node = texts.nextNode();
      }
      const range = document.createRange();
      range.setStart(node, offset);
      range.setEnd(node, offset + 1);
      const { left, right, top, bottom } = range.getBoundingClientRect();
      return [(left + right) / 2, (top + bottom) / 2];
    }, word);
  }

  /** The group of editors that shows something else than a scenario. */
  #report() {
    return this.#page.locator('.editor-group-container:has(.tab.active:not([data-resource-name$=".hvo"]))');
  }

  /** Lines in the DOM have non-breaking spaces: playwright's search takes them for spaces in a string, not in a pattern. */
  #line(text) {
    return this.#page.locator('.view-line', { hasText: text });
  }

  async #until(what, isTrue) {
    const end = Date.now() + UNTIL_MILLISECONDS;
    while (!(await isTrue())) {
      if (Date.now() > end) throw new Error(`waited ${UNTIL_MILLISECONDS / 1000} s in vain for ${what}`);
      await this.#page.waitForTimeout(100);
    }
  }
}

/** Whether something comes up soon after the person asked for it; if not, the person asks again. */
async function appears(locator) {
  return locator.waitFor({ timeout: APPEARS_MILLISECONDS }).then(
    () => true,
    () => false,
  );
}
