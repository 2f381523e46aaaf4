// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Attacks on proxies: taking over by an initializer, and storage that one contract writes and another reads.

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {DecoderRegistry} from "../../../contracts/registry/DecoderRegistry.sol";
import {ManufacturerRegistry} from "../../../contracts/registry/ManufacturerRegistry.sol";
import {MinerRegistry} from "../../../contracts/registry/MinerRegistry.sol";
import {DimoToken} from "../../../contracts/token/DimoToken.sol";
import {IDimoToken} from "../../../contracts/token/IDimoToken.sol";
import {RegistryBase} from "../support/RegistryBase.t.sol";
import {DecoderRegistryV2, IV2, ManufacturerRegistryV2} from "../upgrades/Versions.sol";

/// @dev Initializes whoever comes, whenever: as many proxies were taken over.
contract NaiveInitializable {
    address public authority;

    function initialize(address authority_) external {
        authority = authority_;
    }
}

/// @dev Keeps plain state variables: the second version has one more in front.
contract NaiveV1 {
    address public authority;
    uint256 public bonds;

    function initialize(address authority_) external {
        (authority, bonds) = (authority_, 1_000);
    }
}

contract NaiveV2 {
    uint256 public fee;
    address public authority;
    uint256 public bonds;

    function setFee(uint256 fee_) external {
        fee = fee_;
    }
}

/// @dev A proxy without rules.
contract NaiveProxy {
    bytes32 private constant SLOT = keccak256("naive.implementation");

    constructor(address implementation) {
        upgrade(implementation);
    }

    fallback() external payable {
        bytes32 slot = SLOT;
        assembly {
            calldatacopy(0, 0, calldatasize())
            let passed := delegatecall(gas(), sload(slot), 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(passed) {
                revert(0, returndatasize())
            }
            return(0, returndatasize())
        }
    }

    function upgrade(address implementation) public {
        bytes32 slot = SLOT;
        assembly {
            sstore(slot, implementation)
        }
    }
}

contract UpgradeAttacks is RegistryBase {
    bytes private constant REFUSED = abi.encodeWithSelector(Initializable.InvalidInitialization.selector);

    function test_attack_initializer_re_run() public {
        NaiveInitializable naive = NaiveInitializable(address(new NaiveProxy(address(new NaiveInitializable()))));
        naive.initialize(OWNER);
        vm.prank(STRANGER);
        naive.initialize(STRANGER);
        _eq("a naive proxy is taken over", naive.authority(), STRANGER);

        vm.prank(STRANGER);
        vm.expectRevert(REFUSED);
        manufacturers.initialize(STRANGER, address(token), STRANGER);
        vm.prank(STRANGER);
        vm.expectRevert(REFUSED);
        miners.initialize(STRANGER, address(manufacturers));
        vm.prank(STRANGER);
        vm.expectRevert(REFUSED);
        decoders.initialize(STRANGER);
        _eq("licences", manufacturers.authority(), address(manager));
        _eq("devices", miners.authority(), address(manager));
        _eq("decoders", decoders.authority(), address(manager));
    }

    /// Whoever initializes a bare implementation owns it, and with a delegatecall inside could destroy every proxy's code.
    function test_attack_initializer_of_an_implementation() public {
        NaiveInitializable naive = new NaiveInitializable();
        vm.prank(STRANGER);
        naive.initialize(STRANGER);
        _eq("a naive implementation is taken over", naive.authority(), STRANGER);

        ManufacturerRegistry licences = new ManufacturerRegistry();
        vm.expectRevert(REFUSED);
        licences.initialize(STRANGER, address(token), STRANGER);
        MinerRegistry devices = new MinerRegistry();
        vm.expectRevert(REFUSED);
        devices.initialize(STRANGER, address(manufacturers));
        DecoderRegistry files = new DecoderRegistry();
        vm.expectRevert(REFUSED);
        files.initialize(STRANGER);
        DimoToken dimo = new DimoToken();
        vm.expectRevert(REFUSED);
        dimo.initialize(STRANGER, STRANGER, new IDimoToken.Allocation[](0));
        _eq("nobody's", licences.authority(), address(0));
    }

    function test_attack_initializer_re_run_after_an_upgrade() public {
        address version = address(new ManufacturerRegistryV2());
        vm.expectRevert(REFUSED);
        IV2(version).initializeV2(1);
        manufacturers.upgradeToAndCall(version, abi.encodeCall(IV2.initializeV2, (1)));
        vm.startPrank(STRANGER);
        vm.expectRevert(REFUSED);
        IV2(address(manufacturers)).initializeV2(2);
        vm.expectRevert(REFUSED);
        manufacturers.initialize(STRANGER, address(token), STRANGER);
        vm.stopPrank();
        _eq("authority", manufacturers.authority(), address(manager));
    }

    /// A second version whose initializer was not called in the upgrade itself could be initialized by anyone.
    function test_attack_initializer_left_for_a_stranger() public {
        decoders.upgradeToAndCall(address(new DecoderRegistryV2()), "");
        vm.prank(STRANGER);
        IV2(address(decoders)).initializeV2(666);
        _eq("a forgotten initializer is anyone's", IV2(address(decoders)).added(), 666);

        // So the upgrade and its initializer are one call, which only the AccessManager's admin makes.
        address version = address(new ManufacturerRegistryV2());
        bytes memory data = abi.encodeCall(IV2.initializeV2, (666));
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
        manufacturers.upgradeToAndCall(version, data);
        manufacturers.upgradeToAndCall(version, abi.encodeCall(IV2.initializeV2, (1)));
        vm.prank(STRANGER);
        vm.expectRevert(REFUSED);
        IV2(address(manufacturers)).initializeV2(666);
        _eq("added", IV2(address(manufacturers)).added(), 1);
    }

    function test_attack_slot_collision() public {
        NaiveProxy proxy = new NaiveProxy(address(new NaiveV1()));
        NaiveV1(address(proxy)).initialize(OWNER);
        proxy.upgrade(address(new NaiveV2()));
        NaiveV2(address(proxy)).setFee(uint160(STRANGER));
        proxy.upgrade(address(new NaiveV1()));
        _eq("a fee became the authority", NaiveV1(address(proxy)).authority(), STRANGER);

        // Here plain slots are never written: every field has its namespace, ours and OpenZeppelin's.
        uint256 id = _licence();
        manufacturers.setVerifier(STRANGER, true);
        manufacturers.suspend(id, "");
        address[] memory signers = new address[](1);
        signers[0] = STRANGER;
        decoders.setCheckpointSigners(signers, 1);
        for (uint256 slot = 0; slot < 64; ++slot) {
            _eq("licences", vm.load(address(manufacturers), bytes32(slot)), bytes32(0));
            _eq("devices", vm.load(address(miners), bytes32(slot)), bytes32(0));
            _eq("decoders", vm.load(address(decoders), bytes32(slot)), bytes32(0));
        }
        _eq(
            "licences' namespace",
            uint256(vm.load(address(manufacturers), _slot("ManufacturerRegistry"))),
            uint160(address(token))
        );
        _eq(
            "devices' namespace",
            uint256(vm.load(address(miners), _slot("MinerRegistry"))) & type(uint160).max,
            uint160(address(manufacturers))
        );
        uint256 signerCount = uint256(vm.load(address(decoders), bytes32(uint256(_slot("DecoderRegistry")) + 4)));
        _eq("decoders' namespace", signerCount, 1);
    }

    /// @dev ERC-7201, computed here from the standard.
    function _slot(string memory name) private pure returns (bytes32) {
        uint256 id = uint256(keccak256(bytes(string.concat("dimo.storage.", name))));
        return keccak256(abi.encode(id - 1)) & ~bytes32(uint256(0xff));
    }
}
