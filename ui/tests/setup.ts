/** What jsdom lacks and a browser has. */
/** Height of a row of a virtual list in pixels. */
const ROW = 40

/** Nothing is laid out in jsdom; everything is told to be as large as a window, so that virtual lists show their rows. */
class Resize {
  constructor(private readonly tell: ResizeObserverCallback) {}
  observe(target: Element) {
    const height = target instanceof HTMLElement && target.style.position === 'absolute' ? ROW : 800
    const contentRect = { width: 1280, height, top: 0, left: 0, right: 1280, bottom: height, x: 0, y: 0 }
    const entry = { target, contentRect: contentRect as DOMRectReadOnly } as ResizeObserverEntry
    queueMicrotask(() => this.tell([entry], this))
  }
  unobserve() {}
  disconnect() {}
}

globalThis.ResizeObserver ??= Resize
// The page's own window is another object than the global one.
Object.assign(document.defaultView ?? {}, { ResizeObserver: Resize })
Object.defineProperty(HTMLElement.prototype, 'offsetParent', {
  get(this: HTMLElement) {
    return this.parentElement
  },
})
Element.prototype.scrollIntoView ??= () => {}
Element.prototype.scrollTo ??= () => {}

/** No colours of the system change in a test. */
const media = (query: string) => ({ matches: false, media: query, addEventListener() {}, removeEventListener() {} })
Object.assign(globalThis, { matchMedia: media })
Object.assign(document.defaultView ?? {}, { matchMedia: media })

/** Pens draw nothing: what a picture shows is looked at in the real window. */
const pen = new Proxy(
  {},
  { get: (_, name) => (name === 'measureText' ? () => ({ width: 8 }) : () => undefined), set: () => true },
)
HTMLCanvasElement.prototype.getContext = (() => pen) as unknown as typeof HTMLCanvasElement.prototype.getContext
Object.assign(globalThis, {
  Path2D: class {
    moveTo() {}
    lineTo() {}
    rect() {}
    arc() {}
    addPath() {}
    closePath() {}
  },
})
