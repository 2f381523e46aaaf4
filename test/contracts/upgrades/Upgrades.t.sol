// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Upgrades through UUPS: state stays, strangers and what is no implementation are refused, initializers run once.

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ERC1967Utils} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IDecoderRegistry} from "../../../contracts/registry/IDecoderRegistry.sol";
import {IManufacturerRegistry} from "../../../contracts/registry/IManufacturerRegistry.sol";
import {DimoToken} from "../../../contracts/token/DimoToken.sol";
import {IDimoToken} from "../../../contracts/token/IDimoToken.sol";
import {RegistryBase, TestToken} from "../support/RegistryBase.t.sol";
import {DecoderRegistryV2, DimoTokenV2, IV2, ManufacturerRegistryV2, MinerRegistryV2} from "./Versions.sol";

/// @dev Says it is a UUPS implementation, of another kind of slot.
contract OtherSlot {
    function proxiableUUID() external pure returns (bytes32) {
        return keccak256("another slot");
    }
}

contract UpgradesTest is RegistryBase {
    DimoToken private dimo;
    address[4] private proxies;
    address[4] private versions;

    function setUp() public override {
        super.setUp();
        IDimoToken.Allocation[] memory allocations = new IDimoToken.Allocation[](1);
        allocations[0] = IDimoToken.Allocation(OWNER, 5e18);
        dimo = DimoToken(
            _proxy(
                address(new DimoToken()),
                abi.encodeCall(IDimoToken.initialize, (address(manager), TREASURY, allocations))
            )
        );
        proxies = [address(dimo), address(manufacturers), address(miners), address(decoders)];
        versions = [
            address(new DimoTokenV2()),
            address(new ManufacturerRegistryV2()),
            address(new MinerRegistryV2()),
            address(new DecoderRegistryV2())
        ];
    }

    function test_an_upgrade_keeps_the_token() public {
        vm.prank(OWNER);
        dimo.delegate(STRANGER);
        vm.prank(OWNER);
        dimo.approve(STRANGER, 7);
        vm.warp(START + 1);
        _upgrade(0);
        _eq("supply", dimo.totalSupply(), 1_000_000_000e18);
        _eq("balance", dimo.balanceOf(OWNER), 5e18);
        _eq("treasury", dimo.balanceOf(TREASURY), 1_000_000_000e18 - 5e18);
        _eq("allowance", dimo.allowance(OWNER, STRANGER), 7);
        _eq("votes", dimo.getVotes(STRANGER), 5e18);
        _eq("past votes", dimo.getPastVotes(STRANGER, START), 5e18);
        vm.prank(OWNER);
        dimo.transfer(STRANGER, 5e18);
        _eq("votes move on", dimo.getVotes(STRANGER), 0);
    }

    function test_an_upgrade_keeps_the_licences() public {
        token.transfer(maker, 3);
        vm.prank(maker);
        token.approve(address(manufacturers), 3);
        uint256 id = manufacturers.grant(maker, "Acme", 3, 9, abi.encodePacked(maker));
        vm.prank(maker);
        manufacturers.postBond(id);
        manufacturers.setVerifier(STRANGER, true);
        manufacturers.certify(id, "model", "image", "audit");
        manufacturers.guardianSuspend(id, 7 days, "");
        bytes32 before = keccak256(abi.encode(manufacturers.licenceOf(id)));
        _upgrade(1);
        _eq("licence", keccak256(abi.encode(manufacturers.licenceOf(id))), before);
        _eq("certificate", manufacturers.certificateOf(id, "model", "image"), "audit");
        _eq("verifier", manufacturers.isVerifier(STRANGER), true);
        _eq("count", manufacturers.licenceCount(), 1);
        _eq("token", manufacturers.bondToken(), address(token));
        _eq("treasury", manufacturers.treasury(), TREASURY);
        _eq("history", manufacturers.isActiveAt(id, uint48(START)), false);
        vm.warp(START + 7 days);
        _eq("goes on", manufacturers.isActive(id), true);
        manufacturers.slash(id, 1, "");
        _eq("bond", manufacturers.licenceOf(id).bond, 2);
    }

    function test_an_upgrade_keeps_the_devices() public {
        uint256 id = _licence();
        vm.prank(maker);
        miners.moveNonce(id);
        _upgrade(2);
        _eq("nonce", miners.nonceOf(id), 1);
        _eq("registry", miners.manufacturerRegistry(), address(manufacturers));
    }

    function test_an_upgrade_keeps_the_decoders() public {
        uint256 key = 0xAB7;
        IDecoderRegistry.Decoder memory d = IDecoderRegistry.Decoder({
            contentHash: "content",
            semanticHash: "semantic",
            moduleHash: "module",
            platform: "platform",
            version: 7,
            sizeBytes: 12,
            author: vm.addr(key),
            payee: OWNER,
            licence: "Apache-2.0",
            id: "acme/ev"
        });
        for (uint256 i = 0; i < 3; ++i) {
            d.contentHash = keccak256(abi.encode(i));
            bytes memory signature = _sign(key, decoders.hashConsent(d, 0, START));
            decoders.list(d, IDecoderRegistry.Consent(0, START, signature));
        }
        address[] memory signers = new address[](1);
        signers[0] = STRANGER;
        decoders.setCheckpointSigners(signers, 1);
        bytes32 root = decoders.activeRoot();
        bytes32 info = keccak256(abi.encode(decoders.decoderOf(d.contentHash)));
        _upgrade(3);
        _eq("root", decoders.activeRoot(), root);
        _eq("epoch", decoders.activeEpoch(), 3);
        _eq("count", decoders.decoderCount(), 3);
        _eq("decoder", keccak256(abi.encode(decoders.decoderOf(d.contentHash))), info);
        (address[] memory kept, uint256 threshold) = decoders.checkpointSigners();
        _eq("signer", kept[0], STRANGER);
        _eq("threshold", threshold, 1);
        decoders.suspend(d.contentHash, 1 days, "");
        _eq("goes on", decoders.activeEpoch(), 4);
    }

    function test_strangers_upgrade_nothing() public {
        for (uint256 i = 0; i < proxies.length; ++i) {
            bytes32 before = vm.load(proxies[i], ERC1967Utils.IMPLEMENTATION_SLOT);
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
            vm.prank(STRANGER);
            UUPSUpgradeable(proxies[i]).upgradeToAndCall(versions[i], "");
            _eq("implementation", vm.load(proxies[i], ERC1967Utils.IMPLEMENTATION_SLOT), before);
        }
    }

    function test_what_is_no_implementation_is_refused() public {
        address otherSlot = address(new OtherSlot());
        for (uint256 i = 0; i < proxies.length; ++i) {
            bytes4 invalid = ERC1967Utils.ERC1967InvalidImplementation.selector;
            vm.expectRevert(abi.encodeWithSelector(invalid, address(token)));
            UUPSUpgradeable(proxies[i]).upgradeToAndCall(address(token), "");
            bytes4 unsupported = UUPSUpgradeable.UUPSUnsupportedProxiableUUID.selector;
            vm.expectRevert(abi.encodeWithSelector(unsupported, keccak256("another slot")));
            UUPSUpgradeable(proxies[i]).upgradeToAndCall(otherSlot, "");
            vm.expectRevert();
            UUPSUpgradeable(proxies[i]).upgradeToAndCall(STRANGER, "");
        }
    }

    function test_an_implementation_is_not_upgraded_itself() public {
        for (uint256 i = 0; i < versions.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(UUPSUpgradeable.UUPSUnauthorizedCallContext.selector));
            UUPSUpgradeable(versions[i]).upgradeToAndCall(versions[i], "");
        }
    }

    /// @dev Upgrades one proxy, and checks its second initializer and what is new.
    function _upgrade(uint256 i) private {
        UUPSUpgradeable(proxies[i]).upgradeToAndCall(versions[i], abi.encodeCall(IV2.initializeV2, (42)));
        _eq(
            "implementation",
            vm.load(proxies[i], ERC1967Utils.IMPLEMENTATION_SLOT),
            bytes32(uint256(uint160(versions[i])))
        );
        _eq("added", IV2(proxies[i]).added(), 42);
        _eq("authority", IAccessManaged(proxies[i]).authority(), address(manager));
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        IV2(proxies[i]).initializeV2(43);
    }
}
