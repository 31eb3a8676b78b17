"""Small files of each format of the vulnerability scanners, written for these tests."""

from __future__ import annotations

NESSUS = b"""<?xml version="1.0" ?>
<NessusClientData_v2>
  <Policy><policyName>weekly</policyName><Preferences><ServerPreferences><preference><name>TARGET</name>
    <value>10.0.0.0/24</value></preference></ServerPreferences></Preferences></Policy>
  <Report name="weekly" xmlns:cm="http://www.nessus.org/cm">
    <ReportHost name="10.0.0.4">
      <HostProperties>
        <tag name="host-ip">10.0.0.4</tag>
        <tag name="host-fqdn">web1.contoso.example</tag>
        <tag name="netbios-name">WEB1</tag>
        <tag name="Credentialed_Scan">true</tag>
        <tag name="HOST_END_TIMESTAMP">1793448000</tag>
        <tag name="HOST_END">Sat Oct 31 12:00:00 2026</tag>
      </HostProperties>
      <ReportItem port="443" svc_name="www" protocol="tcp" severity="4" pluginID="9001" pluginName="Old TLS library">
        <cm:compliance>true</cm:compliance>
        <vuln_publication_date>2026/09/01</vuln_publication_date>
      </ReportItem>
      <ReportItem port="444" svc_name="www" protocol="tcp" severity="3" pluginID="9001" pluginName="Old TLS library"/>
      <ReportItem port="22" svc_name="ssh" protocol="tcp" severity="2" pluginID="9002" pluginName="Weak ciphers"/>
      <ReportItem port="0" svc_name="general" protocol="tcp" severity="0" pluginID="9003" pluginName="Ping"/>
    </ReportHost>
    <ReportHost name="10.0.0.5">
      <HostProperties><tag name="HOST_END">Sat Oct 31 12:30:00 2026</tag>
        <tag name="Credentialed_Scan">false</tag></HostProperties>
    </ReportHost>
  </Report>
</NessusClientData_v2>
"""

GREENBONE = b"""<report id="a" format_id="x" content_type="text/xml"><report id="b">
  <ports><port><host>10.0.0.4</host>22/tcp</port></ports>
  <scan_start>2026-10-31T10:00:00Z</scan_start>
  <results start="1" max="10">
    <result id="1"><name>Old TLS library</name><host>10.0.0.4<hostname>web1.contoso.example</hostname></host>
      <port>443/tcp</port><nvt oid="1.3.6.1.4.1.25623.1.0.1"><name>Old TLS library</name></nvt>
      <threat>High</threat><severity>9.8</severity></result>
    <result id="2"><name>Weak ciphers</name><host>10.0.0.4</host>
      <nvt oid="1.3.6.1.4.1.25623.1.0.2"/><threat>Medium</threat><severity></severity></result>
    <result id="3"><name>Not there</name><host>10.0.0.4</host>
      <nvt oid="1.3.6.1.4.1.25623.1.0.3"/><threat>False Positive</threat><severity>-1.0</severity></result>
    <result id="4"><name>Ports</name><host>10.0.0.4</host>
      <nvt oid="1.3.6.1.4.1.25623.1.0.4"/><threat>Log</threat><severity>0.0</severity></result>
  </results>
  <hosts><count>2</count></hosts>
  <host><ip>10.0.0.4</ip><end>2026-10-31T11:00:00Z</end>
    <detail><name>hostname</name><value>web1.contoso.example</value></detail></host>
  <host><ip>10.0.0.6</ip><detail><name>hostname</name><value>db1</value></detail></host>
  <scan_end>2026-10-31T12:00:00Z</scan_end>
</report></report>
"""

QUALYS_HOSTS = b"""<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE ASSET_DATA_REPORT SYSTEM "https://qualysguard.example/asset_data_report.dtd">
<ASSET_DATA_REPORT>
  <HEADER><COMPANY>Contoso</COMPANY><GENERATION_DATETIME>2026-11-01T00:00:00Z</GENERATION_DATETIME></HEADER>
  <HOST_LIST><HOST>
    <IP>10.0.0.4</IP><DNS><![CDATA[web1.contoso.example]]></DNS><NETBIOS><![CDATA[WEB1]]></NETBIOS>
    <VULN_INFO_LIST>
      <VULN_INFO><QID id="qid_501">501</QID><TYPE>Vuln</TYPE><FIRST_FOUND>2026-09-01T08:00:00Z</FIRST_FOUND>
        <LAST_FOUND>2026-10-31T12:00:00Z</LAST_FOUND><VULN_STATUS>Active</VULN_STATUS></VULN_INFO>
      <VULN_INFO><QID id="qid_502">502</QID><TYPE>Vuln</TYPE>
        <LAST_FOUND>2026-10-30T12:00:00Z</LAST_FOUND><VULN_STATUS>Fixed</VULN_STATUS></VULN_INFO>
      <VULN_INFO><QID id="qid_503">503</QID><TYPE>Ig</TYPE><LAST_FOUND>2026-10-31T12:00:00Z</LAST_FOUND></VULN_INFO>
      <VULN_INFO><QID id="qid_504">504</QID><TYPE>Practice</TYPE><VULN_STATUS>New</VULN_STATUS></VULN_INFO>
    </VULN_INFO_LIST>
  </HOST></HOST_LIST>
  <GLOSSARY><VULN_DETAILS_LIST>
    <VULN_DETAILS id="qid_501"><QID id="qid_501">501</QID><TITLE><![CDATA[Old TLS library]]></TITLE>
      <SEVERITY>5</SEVERITY></VULN_DETAILS>
  </VULN_DETAILS_LIST></GLOSSARY>
</ASSET_DATA_REPORT>
"""

QUALYS_SCAN = b"""<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE SCAN SYSTEM "https://qualysguard.example/scan-1.dtd">
<SCAN value="scan/1">
  <HEADER><KEY value="USERNAME">jane</KEY><KEY value="DATE"><![CDATA[2026-10-31T12:00:00Z]]></KEY></HEADER>
  <IP value="10.0.0.4" name="No registered hostname"><NETBIOS_HOSTNAME>WEB1</NETBIOS_HOSTNAME>
    <INFOS><CAT value="Information"><INFO number="601" severity="1"><TITLE>Ports</TITLE></INFO></CAT></INFOS>
    <VULNS><CAT value="Web" port="443" protocol="tcp">
      <VULN number="602" severity="4"><TITLE>Old TLS library</TITLE></VULN></CAT></VULNS>
    <PRACTICES><CAT value="Web"><PRACTICE number="603" severity="3"><TITLE>Maybe</TITLE></PRACTICE></CAT></PRACTICES>
  </IP>
</SCAN>
"""

IP360 = b"""<?xml version="1.0"?>
<audit><hosts><host persistent_id="77"><ip>10.0.0.4</ip><dnsName>web1.contoso.example</dnsName><os id="4"/>
  <vulnerabilities><vulnerability id="801"><port>443</port><protocol>tcp</protocol></vulnerability>
  </vulnerabilities></host></hosts></audit>
"""

QUALYS_TABLE = (
    b'"Weekly","11/01/2026 at 08:00:00 (GMT)"\n\n"Contoso","1 Example Street"\n'
    b'"IP","DNS","NetBIOS","IP Status","QID","Title","Vuln Status","Type","Severity","First Detected","Last Detected"\n'
    b'"10.0.0.4","web1.contoso.example","WEB1","host scanned, found vuln","501","Old TLS library","Active","Vuln","5",'
    b'"09/01/2026 08:00:00","10/31/2026 12:00:00"\n'
    b'"10.0.0.4","web1.contoso.example","WEB1","host scanned, found vuln","502","Gone","Fixed","Vuln","4","",""\n'
    b'"10.0.0.4","web1.contoso.example","WEB1","host scanned, found vuln","503","Ports","","Ig","1","",""\n'
    b'"10.0.0.9","","","host not alive","","","","","","",""\n'
)

IP360_TABLE = (
    b"IP,OS,NetBIOS Name,NetBIOS Domain,Port,Vulnerability,Vulnerability ID,CVSS V2,CVSS V3,Description\n"
    b"10.0.0.4,Linux,WEB1,CONTOSO,443/tcp,Old TLS library,801,7.5,9.8,text\n"
    b"10.0.0.4,Linux,WEB1,CONTOSO,22/tcp,Weak ciphers,802,5.0,-,text\n"
    b"10.0.0.4,Linux,WEB1,CONTOSO,-,Unrated,803,,,text\n"
)

_GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg"
_VM = f"{_GROUP}/providers/Microsoft.Compute/virtualMachines/web1"
DEFENDER = (
    '{"value": [{"id": "'
    + _VM
    + '/providers/Microsoft.Security/assessments/a/subAssessments/1", "name": "1",'
    ' "properties": {"id": "CVE-2026-1", "displayName": "Old TLS library", "timeGenerated":'
    ' "2026-10-31T12:00:00.1234567Z", "status": {"code": "Unhealthy", "severity": "High"}, "resourceDetails":'
    ' {"source": "Azure", "id": "'
    + _VM
    + '"}, "additionalData": {"publishedTime": "2026-09-01T00:00:00Z"}}},'
    ' {"id": "'
    + _VM
    + '/providers/Microsoft.Security/assessments/a/subAssessments/2", "properties": {"id": "2",'
    ' "status": {"code": "Healthy", "severity": "Low"}, "timeGenerated": "2026-10-31T12:00:00Z"}},'
    ' {"id": "/subscriptions/x/resourceGroups/rg/providers/Microsoft.Sql/servers/s/providers/Microsoft.Security/a",'
    ' "properties": {"status": {"code": "Unhealthy"}}}]}'
).encode()

DEFENDER_TABLE = (
    "timeGenerated,assessmentKey,subAssessmentId,subAssessmentName,severity,status,resourceId\n"
    f"2026-10-31T12:00:00Z,a,CVE-2026-1,Old TLS library,High,Unhealthy,{_VM}\n"
).encode()
