// All that the add-on asks of Windows: the threads of system.h, and where the functions of Node-API are. Its headers are included here alone:
// their macros are words of kernels.
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <delayimp.h>
#include <process.h>

#include "abi/system_windows.h"

namespace tickforge {

SystemThread begin_thread(unsigned (*run)(void*), void* given) {
  return reinterpret_cast<SystemThread>(_beginthreadex(nullptr, 0, run, given, 0, nullptr));
}
void join_thread(SystemThread thread) {
  WaitForSingleObject(thread, INFINITE);
  CloseHandle(thread);
}
void nap() { Sleep(1); }

}  // namespace tickforge

extern "C" const char __ImageBase;

// What the linker calls when a function of Node-API is first called. It is the running program's, which is named node.exe in Node alone.
extern "C" FARPROC WINAPI __delayLoadHelper2(const ImgDelayDescr* from, FARPROC* place) {
  const auto* first = reinterpret_cast<const FARPROC*>(&__ImageBase + from->rvaIAT);
  const auto* names = reinterpret_cast<const IMAGE_THUNK_DATA*>(&__ImageBase + from->rvaINT);
  const auto* name = reinterpret_cast<const IMAGE_IMPORT_BY_NAME*>(&__ImageBase + names[place - first].u1.AddressOfData);
  const FARPROC found = GetProcAddress(GetModuleHandleW(nullptr), reinterpret_cast<const char*>(name->Name));
  if (!found) RaiseException(static_cast<DWORD>(VcppException(ERROR_SEVERITY_ERROR, ERROR_PROC_NOT_FOUND)), EXCEPTION_NONCONTINUABLE, 0, nullptr);
  return *place = found;
}
