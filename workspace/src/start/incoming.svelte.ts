// A file dropped on the first page, on its way to the wizard.
class Incoming {
  file = $state.raw<File | null>(null);
  paste = $state(false);
}
export const incoming = new Incoming();
