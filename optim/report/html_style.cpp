#include "optim/report/html_style.h"

#include "optim/report/svg_plot.h"

namespace raphson::optim::report {
namespace {

constexpr const char* light = R"(:root{color-scheme:light;
--page:#f5f6f9;--card:#ffffff;--ink:#16181d;--muted:#535b69;--line:#dfe3ea;
--good:#0e6a3a;--warning-ink:#7a4200;--warning-ground:#fff3dc;--warning-line:#e3a63c;--accent:#1266d6}
)";

constexpr const char* dark = R"(:root{color-scheme:dark;
--page:#111318;--card:#1a1d24;--ink:#e8eaee;--muted:#a9b1be;--line:#323844;
--good:#6fd3a0;--warning-ink:#ffd28a;--warning-ground:#33280f;--warning-line:#a5752a;--accent:#6aa9ff}
)";

constexpr const char* layout = R"(*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);-webkit-text-size-adjust:100%;
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif}
main{max-width:1000px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:30px;line-height:1.2;letter-spacing:-.015em;margin:0 0 6px;font-weight:650}
h2{font-size:19px;line-height:1.3;margin:40px 0 12px;font-weight:650;letter-spacing:-.005em}
p{margin:0 0 16px;max-width:70ch}
h1,h2,p,td,th,figcaption,li,span{overflow-wrap:break-word}
.subtitle{color:var(--muted);margin-bottom:24px;max-width:none}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px}
.tiles{display:flex;flex-wrap:wrap;gap:12px;margin:0 0 16px}
.tile{flex:1 1 165px;padding:14px 16px 13px;display:flex;flex-direction:column;min-width:0}
.tile .name{color:var(--muted);font-size:13.5px}
.tile .value{font-size:26px;line-height:1.3;font-weight:600;letter-spacing:-.01em;font-variant-numeric:tabular-nums}
.tile .unit{font-size:15px;font-weight:500;color:var(--muted);letter-spacing:0;margin-left:.25em}
.tile .note{color:var(--muted);font-size:13.5px;line-height:1.4}
.good,.tile .note.good{color:var(--good)}
.warning,.tile .note.warning{color:var(--warning-ink)}
.muted{color:var(--muted)}
.warnings{background:var(--warning-ground);color:var(--warning-ink);border:1px solid var(--warning-line);
border-radius:12px;padding:13px 18px;margin:0 0 16px}
.warnings strong{display:block;margin-bottom:2px}
.warnings ul{margin:0;padding-left:1.2em}
.table{overflow-x:auto;margin:0 0 16px;padding:4px 0}
table{border-collapse:collapse;width:100%;font-size:15px;line-height:1.4}
caption{caption-side:bottom;text-align:left;color:var(--muted);font-size:13.5px;padding:8px 18px 8px}
th{font-weight:600;font-size:13.5px;color:var(--muted);text-align:left;vertical-align:bottom}
th,td{padding:9px 10px;border-bottom:1px solid var(--line)}
th:first-child,td:first-child{padding-left:18px}
th:last-child,td:last-child{padding-right:18px}
td:last-child:not(.number){width:50%}
tbody tr:last-child td{border-bottom:0}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(400px,100%),1fr));gap:16px;margin:0 0 16px}
figure{margin:0;overflow:hidden;break-inside:avoid;display:flex;flex-direction:column}
figure svg{display:block;width:100%;height:auto}
figure img{display:block;max-width:100%;height:auto;margin:0 auto}
figcaption{color:var(--muted);font-size:13.5px;line-height:1.45;padding:2px 16px 14px;max-width:80ch}
.narrow{display:none}
.clips{padding:6px 18px;margin:0 0 8px}
.clip{display:grid;grid-template-columns:minmax(130px,1fr) 3fr;gap:4px 16px;align-items:center;padding:10px 0}
.clip+.clip{border-top:1px solid var(--line)}
.clip .name{font-weight:600}
.clip .note{display:block;font-weight:400;color:var(--muted);font-size:13.5px;line-height:1.35}
audio{width:100%;height:40px;display:block}
.hint{color:var(--muted);font-size:13.5px}
@media(max-width:680px){
main{padding:24px 14px 40px}h1{font-size:25px}h2{margin-top:32px}
.tiles{gap:10px}.tile{flex-basis:40%}.tile .value{font-size:23px}
.wide{display:none!important}.narrow{display:block!important}
.clip{grid-template-columns:1fr}
th,td{padding:8px 7px}th:first-child,td:first-child,caption{padding-left:14px}th:last-child,td:last-child{padding-right:14px}
}
@media print{
body{background:#fff;font-size:11pt}main{max-width:none;padding:0}
.clips,.hint{display:none}.card,.tile,.warnings,tr{break-inside:avoid}h2{break-after:avoid}
}
)";

} // namespace

std::string page_css() {
  return std::string(light) + "@media screen and (prefers-color-scheme:dark){\n" + dark + dark_plot_css()
         + "}\n" + layout;
}

} // namespace raphson::optim::report
