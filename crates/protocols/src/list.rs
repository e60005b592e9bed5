protocols![
    arp,
    lldp,
    modbus,
];
